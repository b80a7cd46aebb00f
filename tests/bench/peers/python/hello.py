"""Does nothing: what the runtime itself costs."""


def handler(event, context):
    return {"hello": "world"}
