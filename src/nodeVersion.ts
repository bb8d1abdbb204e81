// Imported before everything else: what an older Node says by itself names some module, not the reason.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `tidings needs Node 22.13 or later and was started by ${process.version}; npm scripts bring the right one\n`,
  );
  process.exit(1);
}
