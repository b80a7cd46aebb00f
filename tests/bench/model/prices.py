"""Every price, in US dollars, without free tiers. The calculations are in `money.py`."""

DATE = "2026-11-21"
REGION = "us-east-1"

MILLION = 1e6
GIGABYTE = 1e9

# AWS price list: Lambda, DynamoDB on demand, SQS standard queues, CloudWatch, KMS.
LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_GB_SECOND_ARM64 = 0.0000133334
DYNAMODB_WRITE_UNIT = 0.625 / MILLION  # 1 KB, in the table and again in each index that has the item
DYNAMODB_READ_UNIT = 0.125 / MILLION  # 4 KB, strongly consistent
DYNAMODB_STREAM_READ_BY_LAMBDA = 0.0
SQS_REQUEST = 0.40 / MILLION
LOG_BYTE = 0.50 / GIGABYTE
METRIC_MONTH = 0.30
ALARM_MONTH = 0.10
KMS_KEY_MONTH = 1.00

# AWS price list: EventBridge. Pipes by request, API destinations by invocation.
EVENTBRIDGE_EVENT = 1.00 / MILLION
EVENTBRIDGE_API_DESTINATION = 0.20 / MILLION
EVENTBRIDGE_PIPES_REQUEST = 0.40 / MILLION

# The cost of a stack at any load (docs/operations.md): 13 metrics and 6 of the stream's mapping, 10 alarms of one
# metric and one of 7, the key of the tables.
STACK_MONTH = (13 + 6) * METRIC_MONTH + (10 + 7) * ALARM_MONTH + KMS_KEY_MONTH
# Lambda polls the queue of wake-ups with five long polls of 20 s, day and night.
IDLE_POLLS_MONTH = 5 * 3 * 60 * 730 * SQS_REQUEST

SOURCES = {
    "Lambda": "AWS price list, Lambda, arm64",
    "DynamoDB": "AWS price list, DynamoDB, on-demand, standard table class",
    "SQS": "AWS price list, SQS, standard queue",
    "CloudWatch": "AWS price list, CloudWatch: logs ingested, custom metrics, alarms",
    "KMS": "AWS price list, KMS",
    "EventBridge": "AWS price list, EventBridge: custom events, Pipes, API destinations",
    "Svix": "Svix pricing page, plan Professional, a message over those included; as transcribed on 2026-09-20",
    "Hookdeck": "Hookdeck pricing page, plan Team, events pay-as-you-go; as transcribed on 2026-09-20",
}

# Hosted services as alternatives to one's own handler. A message of Svix, an event of Hookdeck and an invocation of
# EventBridge each count as one delivery; the units that plans include are not deducted. Convoy sells flat licences, and
# no prices of Hook0's paid plans were found: neither is included.
HOSTED = [
    {"service": "EventBridge Pipes + API destinations", "month": 0.0, "source": "EventBridge",
     "per_million": (EVENTBRIDGE_PIPES_REQUEST + EVENTBRIDGE_API_DESTINATION) * MILLION},
    {"service": "EventBridge event bus + API destinations", "month": 0.0, "source": "EventBridge",
     "per_million": (EVENTBRIDGE_EVENT + EVENTBRIDGE_API_DESTINATION) * MILLION},
    {"service": "Hookdeck, lowest volume price", "month": 39.0, "per_million": 3.3, "source": "Hookdeck"},
    {"service": "Hookdeck", "month": 39.0, "per_million": 10.0, "source": "Hookdeck"},
    {"service": "Svix", "month": 490.0, "per_million": 100.0, "source": "Svix"},
]
