//! Inputs derived from known ones, so that the bounded run does not spend its tries on noise that every parser rejects.

use fastrand::Rng;

/// Longest derived input, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// Texts that have a meaning to a parser, and that chance would seldom write.
const TOKENS: &[&str] = &[
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "{\"S\":\"x\"}",
    "\r\n",
    "\n",
    "\t",
    "\0",
    " ",
    "%00",
    "%0d%0a",
    "%2f",
    "%zz",
    "%",
    "&",
    "=",
    "?",
    "#",
    "@",
    "/",
    "//",
    "://",
    "http://",
    "https://",
    "[::1]",
    "127.0.0.1",
    "0x7f.1",
    ":0",
    ":80",
    ":65536",
    "..",
    ";",
    "*",
    "W/\"1\"",
    "é",
    "\u{fffd}",
    "\u{202e}",
    "🙂",
    "xn--",
    "-",
    "_",
    "~",
    ".",
];

/// Returns an input of the corpus, changed in a few places.
pub fn mutated(rng: &mut Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut input = pick(rng, corpus).clone();
    for _ in 0..rng.usize(1..=4) {
        change(rng, &mut input, corpus);
    }
    input.truncate(MAX_BYTES);
    input
}

fn change(rng: &mut Rng, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let (from, to) = range(rng, input);
    match rng.u8(0..7) {
        0 => drop(input.drain(from..to)),
        1 => insert(input, from, pick(rng, TOKENS).as_bytes()),
        2 => {
            let repeated = input[from..to].to_vec();
            insert(input, to, &repeated);
        }
        3 => {
            let other = pick(rng, corpus);
            let (first, last) = range(rng, other);
            drop(input.splice(from..to, other[first..last].iter().copied()));
        }
        4 => drop(input.splice(from..to, pick(rng, TOKENS).bytes())),
        5 => {
            if let Some(byte) = input.get_mut(from) {
                *byte ^= 1 << rng.u8(0..8);
            }
        }
        _ => {
            if let Some(byte) = input.get_mut(from) {
                *byte = rng.u8(b' '..=b'~');
            }
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, what: &[u8]) {
    drop(input.splice(at..at, what.iter().copied()));
}

/// Chooses a part of the input: mostly a short one, because a long one leaves little of the form.
fn range(rng: &mut Rng, input: &[u8]) -> (usize, usize) {
    let from = rng.usize(0..=input.len());
    let longest = if rng.bool() { 8 } else { 64 };
    (from, input.len().min(from + rng.usize(0..=longest)))
}

fn pick<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T {
    &from[rng.usize(0..from.len())]
}
