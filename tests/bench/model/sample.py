"""A plausible set of results, for tests and trials of the model. Not measured."""

BILLED = [
    {"implementation": implementation, "receiver_ms": receiver, "records": records, "urls": urls,
     "batch_ms": receiver + base + per_ms * records * urls, "cpu_s": (base + per_ms * records * urls) / 1_000,
     "peak_mb": peak, "reads": reads, "write_requests": -(-records * urls // 25) * reads,
     "write_units": records * urls * reads, "log_bytes": 700}
    for implementation, base, per_ms, peak, reads in (
        ("instance-webhooks", 1.5, 0.03, 21.0, 1), ("node", 2.0, 0.5, 178.0, 0), ("python", 1.6, 0.24, 47.0, 0))
    for receiver in (20, 200, 1_000, 10_000)
    for records in (1, 10, 100) for urls in (1, 3)
    if receiver < 10_000 or (records, urls) == (100, 1)
]

RESULTS = {
    "billed": BILLED,
    "fanout": [
        {"implementation": "instance-webhooks", "records": records, "urls": urls, "deliveries_per_s": 20_000,
         "cpu_s_per_1000": 0.03, "peak_mb": 21.0, "batch_ms": 1.5 + 0.03 * records * urls}
        for records in (1, 10, 100, 1_000) for urls in (1, 3, 10)
    ],
    "cold": [{"function": "fanout", "init_ms": 12.0, "first_ms": 13.0}],
    "backlog": {"append_per_s": 20_000, "drain_per_s": 4_000, "requests_per_1000": 130},
}
