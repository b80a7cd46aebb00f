#![no_main]
#![doc = "`cargo fuzz run ids`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::ids(input));
