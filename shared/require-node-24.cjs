// Preloaded (`node -r`) by every npm script. An older Node would die on the first .ts file or inside the
// native store with a message nobody can act on, so it is stopped here with one line.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `THĐT cần Node 24 trở lên, đang chạy ${process.version}: hãy chạy "npm ci" trong thư mục dự án rồi dùng "npm start" (needs Node 24 or newer).\n`,
  );
  process.exit(1);
}
