use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const REQUEST: &[u8] = b"POST /hook?a=%20b HTTP/1.1\r\nHost: m\r\nX-Odd-CASE: One\r\nx-odd-case:  two \r\n\
    Content-Length: 4\r\n\r\n{\0\xff}";

/// Sends bytes over a connection of its own.
async fn send(merchant: &Merchant, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(merchant.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Everything up to the end of the connection.
async fn read(stream: &mut TcpStream) -> Result<String, ErrorKind> {
    let mut bytes = Vec::new();
    let read = time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection ends");
    read.map(|_| String::from_utf8(bytes).unwrap()).map_err(|error| error.kind())
}

#[tokio::test]
async fn a_request_is_recorded_as_it_was_on_the_wire() {
    let merchant = Merchant::start().await;
    let _stream = send(&merchant, REQUEST).await;
    let hit = merchant.next().await;
    assert_eq!((hit.method.as_str(), hit.path.as_str(), hit.index), ("POST", "/hook?a=%20b", 0));
    let names: Vec<_> = hit.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(names, [("Host", "m"), ("X-Odd-CASE", "One"), ("x-odd-case", "two"), ("Content-Length", "4")]);
    assert_eq!(hit.header("X-ODD-case"), Some("One"));
    assert_eq!([hit.head, hit.body].concat(), REQUEST);
}

#[tokio::test]
async fn requests_arrive_in_pieces_or_together_and_are_told_apart() {
    let merchant = Merchant::start().await;
    let (early, late) = REQUEST.split_at(REQUEST.len() - 2);
    let mut stream = send(&merchant, &[REQUEST, early].concat()).await;
    assert_eq!(merchant.next().await.index, 0);
    assert_eq!(merchant.hits().len(), 1);
    stream.write_all(late).await.unwrap();
    assert_eq!(merchant.next().await.body, b"{\0\xff}");
    assert_eq!((merchant.hits().len(), merchant.connections()), (2, 1));
}

#[tokio::test]
async fn queued_answers_come_first_and_once() {
    let merchant = Merchant::start().await;
    merchant.answer(Answer::Status(204));
    merchant.answer_next(Answer::Text(500, "no".into()));
    merchant.answer_next(Answer::Redirect("http://elsewhere/".into()));
    let mut stream = send(&merchant, &REQUEST.repeat(3)).await;
    merchant.ended(2).await;
    merchant.answer(Answer::Close);
    stream.write_all(REQUEST).await.unwrap();
    assert_eq!(
        read(&mut stream).await.unwrap(),
        "HTTP/1.1 500 \r\nContent-Length: 2\r\n\r\nno\
         HTTP/1.1 307 \r\nContent-Length: 0\r\nLocation: http://elsewhere/\r\n\r\n\
         HTTP/1.1 204 \r\nContent-Length: 0\r\n\r\n"
    );
}

#[tokio::test]
async fn a_reset_is_a_reset_and_a_close_is_none() {
    let merchant = Merchant::start().await;
    merchant.answer(Answer::Reset);
    assert_eq!(read(&mut send(&merchant, REQUEST).await).await, Err(ErrorKind::ConnectionReset));
    merchant.answer(Answer::Close);
    assert_eq!(read(&mut send(&merchant, REQUEST).await).await, Ok(String::new()));
}

#[tokio::test]
async fn a_hanging_answer_ends_with_the_caller_or_with_the_merchant() {
    let merchant = Merchant::start().await;
    merchant.answer(Answer::Hang);
    let leaver = send(&merchant, REQUEST).await;
    merchant.next().await;
    drop(leaver);
    assert_eq!(merchant.ended(0).await, 0);
    let mut stayer = send(&merchant, REQUEST).await;
    merchant.next().await;
    drop(merchant);
    assert_eq!(read(&mut stayer).await, Ok(String::new()));
}

#[tokio::test]
async fn an_endless_answer_ends_with_the_caller() {
    let merchant = Merchant::start().await;
    for (index, answer) in [Answer::Endless, Answer::EndlessHead].into_iter().enumerate() {
        merchant.answer(answer);
        let mut stream = send(&merchant, REQUEST).await;
        let mut bytes = vec![0; 1_000_000];
        stream.read_exact(&mut bytes).await.unwrap();
        drop(stream);
        assert!(merchant.ended(index).await >= 1_000_000);
    }
}

#[tokio::test]
async fn a_trickle_is_whole_in_the_end() {
    let merchant = Merchant::start().await;
    merchant.answer_next(Answer::Trickle("abc".into(), Duration::from_millis(1)));
    merchant.answer(Answer::Close);
    let text = read(&mut send(&merchant, &REQUEST.repeat(2)).await).await.unwrap();
    assert_eq!(text, "HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nabc");
}

#[tokio::test]
async fn a_stopped_merchant_refuses_connections() {
    let merchant = Merchant::start().await;
    let address = merchant.address();
    merchant.stop().await;
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}
