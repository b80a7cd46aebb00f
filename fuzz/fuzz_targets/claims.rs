#![no_main]
#![doc = "`cargo fuzz run claims`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::claims(input));
