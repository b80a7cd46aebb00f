#![no_main]
#![doc = "`cargo fuzz run api_request`"]

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhooks_fuzz::api_request(input));
