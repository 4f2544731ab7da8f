import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';
import { sendJson } from './answer.ts';

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cadastre API</title>
<link rel="icon" href="/api/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/assets/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/api/docs/assets/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>`;

const start = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#docs', deepLinking: true, tryItOutEnabled: true, validatorUrl: null });`;

/** Serves /openapi.json and the readable /docs from our own files: no page asks another host for anything. */
export function createDocs(document: () => object): Router {
  const assets = fileURLToPath(new URL('.', import.meta.resolve('swagger-ui-dist/package.json')));
  const router = Router();
  router.get('/openapi.json', (_req, res) => sendJson(res, 200, document()));
  router.get('/docs', (_req, res) => {
    res.type('html').send(page);
  });
  router.get('/docs/start.js', (_req, res) => {
    res.type('js').send(start);
  });
  router.use(
    '/docs/assets',
    express.static(assets, {
      index: false,
      setHeaders: (res) => res.setHeader('Cache-Control', 'public, max-age=86400'),
    }),
  );
  return router;
}
