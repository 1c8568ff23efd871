// A Parse Server on 127.0.0.1 over a PostgreSQL, for the test of the sink.
// Arguments: the folder with node_modules, the database's URI, a port, a folder for files.
const [home, databaseURI, port, files] = process.argv.slice(2);
const { createRequire } = require('module');
const from = createRequire(home + '/package.json');
const { ParseServer } = from('parse-server');
const express = from('express');
const { FileSystemAdapter } = (() => {
  const module = from('@parse/fs-files-adapter');
  return { FileSystemAdapter: module.default || module };
})();

const url = `http://127.0.0.1:${port}/parse`;
const server = new ParseServer({
  databaseURI,
  appId: 'invoices',
  masterKey: 'master',
  restAPIKey: 'rest',
  serverURL: url,
  filesAdapter: new FileSystemAdapter({ filesSubDirectory: files }),
  fileUpload: { enableForPublic: true },
  allowClientClassCreation: true,
  logLevel: 'error',
  silent: true,
});
server.start().then(() => {
  const app = express();
  app.use('/parse', server.app);
  app.listen(Number(port), '127.0.0.1', () => console.log('ready'));
}, (error) => { console.error(error); process.exit(1); });
