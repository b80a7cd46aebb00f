#![no_main]
#![doc = "`cargo fuzz run request_target`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::request_target(input));
