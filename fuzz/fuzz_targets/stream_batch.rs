#![no_main]
#![doc = "`cargo fuzz run stream_batch`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::stream_batch(input));
