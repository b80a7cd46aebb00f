#![no_main]
#![doc = "`cargo fuzz run subscription`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::subscription(input));
