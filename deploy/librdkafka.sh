#!/usr/bin/env bash
# deploy/librdkafka.sh FOLDER: builds FOLDER/librdkafka.so, the native part of Confluent.Kafka, where the package index lacks librdkafka.redist.
# The sources are those that the npm package below carries; Debian's own library (2.0.2) is too old for Confluent.Kafka.
# Directory.Build.targets uses the result as soon as it is there. Takes about half a minute.
set -euo pipefail

package=@confluentinc/kafka-javascript@1.10.1 # librdkafka 2.15.1
sha512=29578f5019f6d44a8254ff667f1cc4b8cdd26091c7105ed7fa2882d9ee374108034b211a92c2279821a8a13df0e6af9c340764482acaef58f42027eaa12a992f

fail() { printf 'librdkafka: %s\n' "$*" >&2; exit 1; }
[ $# = 1 ] || { echo "usage: deploy/librdkafka.sh FOLDER" >&2; exit 2; }
for tool in npm gcc g++ make; do
  command -v $tool >/dev/null || fail "$tool is missing, and the package librdkafka.redist cannot be restored: apt-get install npm gcc g++ make (and libssl-dev zlib1g-dev libzstd-dev for TLS, gzip and zstd)."
done

mkdir -p "$1"
target=$(cd -- "$1" && pwd -P)
# Not below the target: its path may hold spaces, which librdkafka's makefiles do not bear.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo "building librdkafka from source (about half a minute)" >&2
npm pack --silent "$package" >/dev/null || fail "npm could not fetch $package."
echo "$sha512  $(echo ./*.tgz)" | sha512sum --check --status || fail "$package is not what it was when it was pinned (its sha-512 differs): not used."
tar xzf ./*.tgz package/deps/librdkafka
cd package/deps/librdkafka
if ! { ./configure --disable-lz4-ext && make -j"$(nproc)" -C src librdkafka.so.1; } >"$work/log" 2>&1; then
  tail -n 20 "$work/log" >&2
  fail "the build failed (above, its last lines)."
fi
cp -L src/librdkafka.so.1 "$target/.librdkafka.so"
strip --strip-debug "$target/.librdkafka.so" 2>/dev/null || true
mv "$target/.librdkafka.so" "$target/librdkafka.so"
