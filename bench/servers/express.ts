// Express alone: what the kernel's frame is measured against.
import express from 'express';

const app = express();
app.post('/empty', (_req, res) => {
  res.end();
});
app.post('/json-out', (_req, res) => {
  res.json({ done: true });
});
app.post('/json-in-out', express.json(), (_req, res) => {
  res.json({ done: true });
});
app.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');
