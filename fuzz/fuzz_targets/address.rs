#![no_main]
#![doc = "`cargo fuzz run address`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::address(input));
