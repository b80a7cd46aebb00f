// A function without work: the cost of the runtime itself. Under aws-lambda-ric 3.3.0; 4.x requires a newer Node than we do.
export const handler = async () => ({ hello: 'world' });
