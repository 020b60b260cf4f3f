//! Writes to buyers, as `workers::mail` does, without SMTP.

use std::rc::Rc;

use domain::{mail::MailOutcome, time::Span};
use engine::Engine;

use crate::{oracle::invariants, world::World};

/// How long a mail is leased for.
const LEASE: Span = Span::seconds(90);

/// Mails that one look takes.
const AT_ONCE: usize = 3;

/// Takes what is due, and sends it. Now and then there is no mail server for a while.
pub(crate) async fn look(world: Rc<World>, engine: Engine) {
    if !world.is_well.get() && world.one_in(12) {
        world.judge("keep_mails", engine.keep_mails().await);
        return;
    }
    if world.is_well.get() || world.one_in(4) {
        world.judge("queue_kept_mails", engine.queue_kept_mails().await);
    }
    for _ in 0..AT_ONCE {
        let Some(Some(view)) = world.judge("take_mail", engine.take_mail(LEASE).await) else { return };
        let id = view.mail.id;
        if let Err(why) = engine.letter(&view, "https://pay.example") {
            world.violated(invariants::MAILS, format!("{id:?} has no words: {why}"));
            return;
        }
        world.known.borrow_mut().mails.push(id);
        world.outside("before a mail").await;
        let outcome = hand_over(&world, id);
        world.outside("after a mail").await;
        world.judge("finish_mail", engine.finish_mail(&view.mail, outcome).await);
    }
}

/// What the mail server makes of a mail.
fn hand_over(world: &World, id: domain::id::MailId) -> MailOutcome {
    if !world.is_well.get() {
        match world.below(4) {
            0 => {
                world.count("mails put off");
                return MailOutcome::Later("450 later".to_owned());
            }
            1 => {
                world.count("mails refused");
                return MailOutcome::Never("550 never".to_owned());
            }
            _ => {}
        }
    }
    world.count(if world.known.borrow_mut().posted.insert(id) { "mails taken" } else { "mails taken twice" });
    if !world.is_well.get() && world.one_in(3) {
        // It was taken, and the answer is lost.
        return MailOutcome::Later("timed out".to_owned());
    }
    MailOutcome::Taken
}

/// Sends a mail again.
pub(crate) async fn send_again(world: Rc<World>, engine: Engine) {
    let found = world.chance.borrow_mut().pick(&world.known.borrow().mails).copied();
    let Some(id) = found else { return };
    world.judge("mail", engine.mail(id).await);
    world.judge("resend_mail", engine.resend_mail(id).await);
}
