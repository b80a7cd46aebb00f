"""A function without work: the cost of the runtime itself."""


def handler(event, context):
    return {"hello": "world"}
