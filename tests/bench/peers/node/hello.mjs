// Does nothing: what the runtime itself costs. Under aws-lambda-ric 3.3.0; 4.x wants a newer Node than we do.
export const handler = async () => ({ hello: 'world' });
