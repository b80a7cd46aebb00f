#![no_main]
#![doc = "`cargo fuzz run retry_after`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::retry_after(input));
