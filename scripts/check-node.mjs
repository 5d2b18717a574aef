// Plain JavaScript that any Node can read: it has to run on the very version it rejects.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major !== 24 || minor < 12) {
  process.stderr.write(
    `Snug runs on Node 24 (24.12 or newer); this is ${process.versions.node}.\n` +
      'Run "make install", which brings the pinned Node along, and start with "make run-lite".\n' +
      'Where no pinned Node exists for your platform, install Node 24 yourself and try again.\n',
  )
  process.exitCode = 1
}
