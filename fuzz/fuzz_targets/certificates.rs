#![no_main]
#![doc = "`cargo fuzz run certificates`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::certificates(input));
