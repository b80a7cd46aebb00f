#![no_main]
#![doc = "`cargo fuzz run callbacks_body`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::callbacks_body(input));
