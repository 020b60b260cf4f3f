use super::*;

const PUBLIC: TargetPolicy = TargetPolicy { allow_private: false };
const PRIVATE: TargetPolicy = TargetPolicy { allow_private: true };

/// Hosts that mean a private address, however they are written.
const PRIVATE_HOSTS: &[&str] = &[
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "017700000001",
    "0177.0.0.01",
    "0177.0x0.1",
    "0",
    "0.0.0.0",
    "0x0",
    "10.0.0.1",
    "167772161",
    "0xa.1",
    "172.16.1",
    "0xac.0x10.0.1",
    "192.168.1.1",
    "3232235777",
    "0300.0250.1.1",
    "169.254.169.254",
    "2852039166",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.2.1",
    "255.255.255.255",
    "4294967295",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "127。0。0。1",
    "１２７.０.０.１",
    "①②⑦.0.0.1",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:A9FE:A9FE]",
    "[0:0:0:0:0:ffff:10.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::8.8.8.8]",
    "[2002:7f00:1::]",
    "[2002:c0a8:101::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2001:db8::1]",
    "[2001:10::1]",
    "[100::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ⓛocalhost",
    "%6cocalhost",
    "metadata.localhost",
    "a.b.localhost.",
];

#[test]
fn a_private_host_is_refused_in_every_form_and_allowed_only_by_the_policy() {
    for host in PRIVATE_HOSTS {
        let url = format!("https://{host}:8443/hook");
        assert_eq!(Target::parse(&url, PUBLIC), Err(TargetRefused::Private), "{url}");
        assert!(Target::parse(&url, PRIVATE).is_ok(), "{url}");
    }
}

#[test]
fn an_odd_form_is_sent_as_the_address_that_it_means() {
    for (host, meant) in [
        ("0x7f.1", "127.0.0.1"),
        ("2852039166", "169.254.169.254"),
        ("0300.0250.1.1", "192.168.1.1"),
        ("[::FFFF:A9FE:A9FE]", "[::ffff:a9fe:a9fe]"),
    ] {
        let target = Target::parse(&format!("http://{host}/"), PRIVATE).unwrap();
        assert_eq!(target.as_str(), format!("http://{meant}/"));
    }
}

#[test]
fn public_hosts_are_taken_on_any_port() {
    for url in [
        "https://shop.example/hook",
        "https://SHOP.example:8443/hook?token=a%20b",
        "https://8.8.8.8/",
        "https://134744072/",
        "https://[2001:4860:4860::8888]:1/",
        "https://[::ffff:8.8.8.8]/",
        "https://[64:ff9b::8.8.8.8]/",
        "https://localhost.example/",
        "https://notlocalhost/",
        "https://bücher.example/",
    ] {
        assert!(Target::parse(url, PUBLIC).is_ok(), "{url}");
    }
}

#[test]
fn plain_http_needs_the_private_policy() {
    assert_eq!(Target::parse("http://shop.example/", PUBLIC), Err(TargetRefused::Plain));
    assert!(Target::parse("http://shop.example/", PRIVATE).is_ok());
}

#[test]
fn what_is_no_web_address_is_refused_under_every_policy() {
    for policy in [PUBLIC, PRIVATE] {
        for scheme in ["ftp", "file", "gopher", "ws", "wss", "unix", "javascript", "data"] {
            let url = format!("{scheme}://shop.example/");
            assert_eq!(Target::parse(&url, policy), Err(TargetRefused::Scheme), "{url}");
        }
        for url in
            ["https://user@shop.example/", "https://user:word@shop.example/", "https://:word@shop.example/"]
        {
            assert_eq!(Target::parse(url, policy), Err(TargetRefused::Credentials), "{url}");
        }
        for url in [
            "",
            "shop.example/hook",
            "/hook",
            "https://",
            "https://:443/",
            "https://shop.example:65536/",
            "https://shop example/",
            "https://[::1/",
            "https://[fe80::1%25eth0]/",
            "https://256.0.0.1/",
            "https://1.2.3.4.5/",
            "https://a.0x7f000001/",
            "https://127.0.0.1%00.shop.example/",
        ] {
            let refused = Target::parse(url, policy);
            assert!(matches!(refused, Err(TargetRefused::Malformed(_))), "{url}: {refused:?}");
        }
    }
}

#[test]
fn what_a_lenient_reader_would_take_for_another_host_is_judged_as_it_is_sent() {
    // Back-slashes, line ends and a missing slash are read as browsers read them.
    for url in
        ["https:\\\\127.0.0.1\\hook", "https:127.0.0.1", " https://127.0.\n0.1/", "https:///127.0.0.1/"]
    {
        assert_eq!(Target::parse(url, PUBLIC), Err(TargetRefused::Private), "{url:?}");
    }
    let url = "https://shop.example\\@127.0.0.1/";
    assert_eq!(Target::parse(url, PUBLIC).unwrap().as_str(), "https://shop.example/@127.0.0.1/");
}

#[test]
fn a_url_may_have_2048_bytes_and_not_one_more() {
    let url = |length: usize| format!("{:x<length$}", "https://shop.example/");
    assert_eq!(Target::parse(&url(MAX_URL_BYTES), PUBLIC).unwrap().as_str().len(), MAX_URL_BYTES);
    assert_eq!(Target::parse(&url(MAX_URL_BYTES + 1), PUBLIC), Err(TargetRefused::TooLong));
    // 1,021 bytes as written, 3,021 as sent.
    let grown = format!("https://shop.example/{}", "ä".repeat(500));
    assert_eq!(Target::parse(&grown, PUBLIC), Err(TargetRefused::TooLong));
}

#[test]
fn a_fragment_is_left_off() {
    let target = Target::parse("https://shop.example/hook?a=1#part", PUBLIC).unwrap();
    assert_eq!(target.as_str(), "https://shop.example/hook?a=1");
    assert_eq!(target.to_string(), target.as_str());
}

#[test]
fn a_log_line_shows_no_path() {
    let target = Target::parse("https://shop.example:8443/secret?token=secret", PUBLIC).unwrap();
    assert_eq!(format!("{target:?}"), "Target(https://shop.example:8443)");
}

#[test]
fn every_reason_is_one_refusal_to_the_engine() {
    let refused = Target::parse("ftp://shop.example/", PUBLIC).unwrap_err();
    assert_eq!(Refusal::from(refused), Refusal::EndpointUrlInvalid);
}
