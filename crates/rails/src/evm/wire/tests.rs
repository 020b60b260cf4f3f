use serde::de::DeserializeOwned;

use super::*;

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn word(byte: u8) -> Word {
    Bytes([byte; 32])
}

fn hex(byte: u8, bytes: usize) -> String {
    format!("0x{}", format!("{byte:02x}").repeat(bytes))
}

#[test]
fn bytes_have_their_length_and_are_written_in_lower_case() {
    let account: Account = read("\"0x00Aa11bB22Cc33dD44eE55fF66778899aAbBcCdD\"").unwrap();
    assert_eq!(account.to_string(), "0x00aa11bb22cc33dd44ee55ff66778899aabbccdd");
    for text in [
        "\"\"",
        "\"0x\"",
        "\"00aa11bb22cc33dd44ee55ff66778899aabbccdd\"",
        "\"0x0x00aa11bb22cc33dd44ee55ff66778899aabbccdd\"",
        "\"0x00aa11bb22cc33dd44ee55ff66778899aabbcc\"",
        "\"0x00aa11bb22cc33dd44ee55ff66778899aabbccddee\"",
        "\"0x00aa11bb22cc33dd44ee55ff66778899aabbccdg\"",
        "\"T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb\"",
        "null",
        "7",
    ] {
        assert_eq!(read::<Account>(text), None, "{text}");
    }
}

#[test]
fn quantities_are_hexadecimal_and_may_be_empty() {
    let largest = format!("\"0x{}\"", "f".repeat(32));
    let padded = format!("\"0x{}1\"", "0".repeat(63));
    for (text, number) in [
        ("\"0x\"", Some(0)),
        ("\"0x0\"", Some(0)),
        ("\"0x10\"", Some(16)),
        ("\"0x00fF\"", Some(255)),
        (padded.as_str(), Some(1)),
        (largest.as_str(), Some(u128::MAX)),
        ("\"0x100000000000000000000000000000000\"", None),
        (&format!("\"0x{}\"", "f".repeat(64)), None),
    ] {
        assert_eq!(read::<Quantity>(text).map(Quantity::number), Some(number), "{text}");
    }
    for text in ["\"\"", "\"10\"", "\"0xg\"", "\"0x-1\"", "\"0x+1\"", "\"0x 1\"", "16", "null"] {
        assert_eq!(read::<Quantity>(text), None, "{text}");
    }
    assert_eq!(read::<Quantity>(&format!("\"0x{}\"", "0".repeat(65))), None);
}

#[test]
fn a_word_is_a_number_or_an_account() {
    let mut bytes = [0; 32];
    bytes[16] = 1;
    assert_eq!(Bytes(bytes).quantity(), Quantity::new(1 << 120));
    assert_eq!(Bytes(bytes).account(), Some(Bytes(*bytes.last_chunk().unwrap())));
    bytes[15] = 1;
    assert_eq!(Bytes(bytes).quantity().number(), None);
    bytes[11] = 1;
    assert_eq!(Bytes(bytes).account(), None);
}

/// A block as go-ethereum tells it, with what is of no interest here.
fn block(transactions: &str) -> String {
    format!(
        r#"{{"baseFeePerGas":"0x7","number":"0x1b4","hash":"{}","parentHash":"{}","nonce":"0x0000000000000000",
        "timestamp":"0x55ba467c","totalDifficulty":null,"uncles":[],"transactions":{transactions},"withdrawals":[]}}"#,
        hex(0xaa, 32),
        hex(0xbb, 32),
    )
}

#[test]
fn a_block_keeps_the_transactions_that_carry_coins_and_counts_all() {
    let (one, two, to) = (hex(1, 32), hex(2, 32), hex(7, 20));
    let transactions = format!(
        r#"[{{"hash":"{one}","to":"{to}","value":"0x10","nonce":null,"input":"0x1234","accessList":[]}},
        {{"hash":"{two}","to":"{to}","value":"0x0"}},
        {{"hash":"{two}","to":"{to}","value":"0x"}},
        {{"hash":"{two}","to":"{to}"}},
        {{"hash":"{two}","to":null,"value":"0x10"}},
        {{"hash":"{two}","value":"0x10"}}]"#
    );
    let body: Body = read(&block(&transactions)).unwrap();
    let (number, time) = (body.number.short(), body.timestamp.short());
    assert_eq!(
        (number, body.hash, body.parent_hash, time),
        (Some(436), word(0xaa), word(0xbb), Some(0x55ba_467c))
    );
    assert_eq!(body.transactions.count, 6);
    let payment = Payment { transaction: word(1), to: Bytes([7; 20]), value: Quantity::new(16) };
    assert_eq!(body.transactions.payments, [payment]);
}

#[test]
fn a_header_skips_its_transactions_in_either_form() {
    for transactions in ["[]", r#"["0x01","0x02"]"#, r#"[{"hash":"0x01"}]"#] {
        assert_eq!(read::<Header>(&block(transactions)).unwrap().hash, word(0xaa));
    }
}

#[test]
fn a_block_without_what_is_needed_is_not_read() {
    for (field, other) in [
        ("\"hash\"", "\"hush\""),
        ("parentHash", "mother"),
        ("timestamp", "moment"),
        ("transactions", "none"),
    ] {
        assert_eq!(read::<Body>(&block("[]").replacen(field, other, 1)), None, "{field}");
    }
    for transaction in [r#"{"to":null}"#, r#"{"hash":"0x1"}"#, "\"0x01\"", "null"] {
        assert_eq!(read::<Body>(&block(&format!("[{transaction}]"))), None, "{transaction}");
    }
}

#[test]
fn a_receipt_keeps_its_logs_whatever_else_they_say() {
    let receipt = |logs: &str| {
        let (block, transaction) = (hex(0xaa, 32), hex(1, 32));
        format!(
            r#"{{"blockHash":"{block}","transactionHash":"{transaction}","status":"0x1","root":"0x","logs":[{logs}]}}"#
        )
    };
    let log = |topics: &str, data: &str| {
        format!(r#"{{"address":"{}","topics":[{topics}],"data":"{data}","logIndex":"0x5"}}"#, hex(9, 20))
    };
    let topic = format!("\"{}\"", hex(3, 32));
    let topics = |count: usize| vec![topic.clone(); count].join(",");
    let logs: Vec<_> = (0..=5).map(|count| log(&topics(count), &hex(4, 32))).collect();
    let read_back: Receipt = read(&receipt(&logs.join(","))).unwrap();
    assert_eq!(read_back.status, Some(Quantity::new(1)));
    assert_eq!(read_back.logs.len(), 6);
    for (count, log) in read_back.logs.iter().enumerate() {
        let expected = [word(3); 3];
        assert_eq!(log.topics.as_three(), Some(&expected).filter(|_| count == 3), "{count} topics");
        assert_eq!((log.address, log.data, log.removed), (Bytes([9; 20]), Data(Some(word(4))), None));
    }
    for data in ["0x", &hex(4, 31), &hex(4, 64), "nonsense"] {
        let read_back: Receipt = read(&receipt(&log(&topics(3), data))).unwrap();
        assert_eq!(read_back.logs[0].data, Data(None), "{data}");
    }
    for wrong in [log("\"0x01\"", "0x"), log("null", "0x"), "null".to_owned(), "{}".to_owned()] {
        assert_eq!(read::<Receipt>(&receipt(&wrong)), None, "{wrong}");
    }
}
