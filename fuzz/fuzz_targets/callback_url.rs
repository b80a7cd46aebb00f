#![no_main]
#![doc = "`cargo fuzz run callback_url`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::callback_url(input));
