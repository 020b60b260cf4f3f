//! Receivers that do not check the bytes that arrived: they decode a callback, encode it again, and check that. Real
//! ones, in the two languages that shops are written in, on every callback that is kept as an example.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use dialects::alphapo;

const SECRET: &str = "AbCdEfG123456";

/// As the shops' PHP plugins do: decode, encode with PHP's defaults, sign.
const PHP: &str = "$body = json_encode(json_decode(file_get_contents('php://stdin'), $argv[2] === 'array'));\
                   echo hash_hmac('sha512', $body, $argv[1]), \"\\n\", $body;";

/// As Node servers do whose framework has parsed the body already.
const NODE: &str = "const body = JSON.stringify(JSON.parse(require('node:fs').readFileSync(0, 'utf8')));\
                    const hmac = require('node:crypto').createHmac('sha512', process.argv[1]);\
                    process.stdout.write(hmac.update(body).digest('hex') + '\\n' + body);";

/// Every callback that is kept, with its name.
fn callbacks() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/alphapo");
    let entries = fs::read_dir(&folder).expect("a folder of golden files");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let callbacks = paths.filter(|path: &PathBuf| name(path).starts_with("callback-"));
    let callbacks: Vec<_> =
        callbacks.map(|path| (name(&path), fs::read(&path).expect("a golden file"))).collect();
    assert!(callbacks.len() >= 10, "{}", callbacks.len());
    callbacks
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What a program makes of a body: the signature that it expects, and the bytes that it made it of.
fn read_by(program: &str, arguments: &[&str], body: &[u8]) -> (String, Vec<u8>) {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test --only tools` installs it"));
    child.stdin.take().expect("a pipe").write_all(body).expect("a program that reads");
    let output = child.wait_with_output().expect("a program that ends");
    assert!(output.status.success(), "{program}: {output:?}");
    let end = output.stdout.iter().position(|byte| *byte == b'\n').expect("a signature");
    let (signature, rest) = output.stdout.split_at(end);
    (String::from_utf8(signature.to_vec()).expect("text"), rest[1..].to_vec())
}

#[test]
fn php_plugins_find_every_signature_right() {
    for (name, body) in callbacks() {
        for way in ["array", "object"] {
            let (signature, again) = read_by("php", &["-r", PHP, "--", SECRET, way], &body);
            assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&body), "{name}, {way}");
            assert_eq!(signature, alphapo::sign(SECRET, &body), "{name}, {way}");
        }
    }
}

#[test]
fn node_servers_find_signatures_right_where_names_are_plain() {
    let mut plain = 0;
    for (name, body) in callbacks() {
        let (signature, again) = read_by("node", &["-e", NODE, SECRET], &body);
        // A slash and what is not ASCII come in through the shop's own ids alone; Node does not escape them.
        if body.contains(&b'\\') {
            assert_ne!(signature, alphapo::sign(SECRET, &body), "{name}");
            continue;
        }
        plain += 1;
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&body), "{name}");
        assert_eq!(signature, alphapo::sign(SECRET, &body), "{name}");
    }
    assert!(plain >= 9, "{plain}");
}
