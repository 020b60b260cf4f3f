// Improves pages that are complete without it. Copies values, keeps a form from being sent twice, and looks whether the
// page has changed, so that it need not be loaded again. It writes no words of its own: all of them come with the page.
'use strict';
{
  // Milliseconds between two looks at the same page, before the first, and until an answer is given up.
  const LOOK_EVERY = 4000;
  const LOOK_FIRST = 1000;
  const PATIENCE = 10000;
  // Milliseconds for which a button says that it is done.
  const DONE_FOR = 2000;

  const note = document.getElementById('note');
  const said = document.getElementById('said');
  let main = document.querySelector('main');
  let known = essence(main);
  let timer = 0;
  let looking = false;

  // What the page says, without what changes by itself as time passes.
  function essence(element) {
    const copy = element.cloneNode(true);
    for (const live of copy.querySelectorAll('[data-live]')) live.textContent = '';
    return copy.outerHTML;
  }

  function improve() {
    for (const button of main.querySelectorAll('[data-copy]')) button.hidden = false;
  }

  // Takes in what the server shows now. Nothing is moved while nothing has happened: what was unfolded, ticked or
  // typed stays so, and so does the focus. All that can have it has an id.
  function take(page) {
    const next = page.querySelector('main');
    if (!next) return;
    const now = essence(next);
    if (now === known) {
      const texts = next.querySelectorAll('[data-live]');
      main.querySelectorAll('[data-live]').forEach((live, index) => {
        if (live.textContent !== texts[index].textContent) live.textContent = texts[index].textContent;
      });
      return;
    }
    known = now;
    const happened = next.dataset.state !== main.dataset.state;
    const unfolded = [...main.querySelectorAll('details[open]')].map((fold) => fold.id);
    const ticked = [...main.querySelectorAll('input:checked')].map((box) => box.id);
    const typed = [...main.querySelectorAll('input:not([type=hidden])')];
    const focused = main.contains(document.activeElement) ? document.activeElement.id : '';
    main.replaceWith(next);
    main = next;
    document.title = page.title;
    improve();
    if (happened) {
      note.textContent = '';
      main.classList.add('happened');
      window.scrollTo(0, 0);
      main.querySelector('h1')?.focus({ preventScroll: true });
      return;
    }
    for (const id of unfolded) {
      const fold = id && document.getElementById(id);
      if (fold) fold.open = true;
    }
    for (const id of ticked) {
      const box = id && document.getElementById(id);
      if (box) box.checked = true;
    }
    for (const { id, value } of typed) {
      const field = id && document.getElementById(id);
      if (field) field.value = value;
    }
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  // While the server cannot be reached the page stays as it is, and says so.
  function reached(yes) {
    const words = main.dataset.lost ?? '';
    if (yes && note.textContent === words) note.textContent = '';
    if (!yes && note.textContent !== words) note.textContent = words;
  }

  async function look() {
    clearTimeout(timer);
    if (looking || document.hidden || !main.dataset.look) return;
    looking = true;
    try {
      const answer = await fetch(main.dataset.look, {
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout?.(PATIENCE),
      });
      if (!answer.ok) throw new Error(answer.statusText);
      take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      reached(true);
    } catch {
      reached(false);
    }
    looking = false;
    timer = setTimeout(look, LOOK_EVERY);
  }

  function mark(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  // Browsers that keep the clipboard from the page may still copy what is marked; else it stays marked.
  async function copy(button) {
    let done = await (navigator.clipboard?.writeText(button.dataset.copy) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
    if (!done) {
      mark(document.getElementById(button.dataset.from));
      done = document.execCommand('copy');
    }
    said.textContent = done ? button.dataset.said : button.dataset.failed;
    if (!done) return;
    const words = button.textContent;
    if (words === button.dataset.done) return;
    button.textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = words;
      said.textContent = '';
    }, DONE_FOR);
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) copy(button);
  });

  document.addEventListener('submit', (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = 'yes';
  });

  // A page that comes back from the browser's memory may be old, and its forms were sent.
  addEventListener('pageshow', (event) => {
    for (const form of document.forms) delete form.dataset.sent;
    if (event.persisted) look();
  });
  document.addEventListener('visibilitychange', look);
  addEventListener('online', look);

  improve();
  // What was said of the last act is said once.
  if (location.search) history.replaceState(null, '', location.pathname);
  timer = setTimeout(look, LOOK_FIRST);
}
