import type { PackModel, StampedTree } from './pack.ts';

/**
 * VERIFY.md: how to check the pack with openssl, coreutils and bash. Every `sh` block runs as it stands, in order, in the
 * unpacked folder, with TRUST naming the trust file.
 */
export function verifyGuide({ origin, size, entries, older, stamped, artefacts }: PackModel): string {
  const sample = entries.find((entry) => entry.disclosed) ?? entries[0];
  const index = sample?.index ?? 0;
  const artefact = artefacts.find(({ path }) => path.startsWith('artefacts/') && !path.endsWith('.p7s'));
  return `# How to check this pack

You need bash, coreutils and OpenSSL 3, and the gateway's trust file. **The trust file must come to you by another way than
this pack**: whoever could forge the pack could forge a trust file inside it. Nothing here proves itself.

\`\`\`sh
set -eu
: "\${TRUST:?set TRUST to the path of the trust file}"
\`\`\`

The short way, with one file of Node's own modules: \`node keyway-verify.ts . trust.json\`. What follows is the same by hand.

## 1. Nothing was added, lost or changed since the pack was made

\`\`\`sh
sha256sum --quiet --check SHA256SUMS
\`\`\`

## 2. The checkpoint is signed by the ledger's keys

\`checkpoint\` is a C2SP signed note: three lines of text (name, number of entries, root hash), a blank line, signatures. Each
signature is base64 of 4 bytes of key id and the signature itself; each key in the trust file is base64 of one byte of type (1
Ed25519, 2 ECDSA P-256) and the key. Keys come in pairs, one after the other in time; both of one pair have to have signed. A
pair that the trust file gives an end (\`until\`) signs nothing over entries from after it: look at the times in \`leaves\`.

\`\`\`sh
head -n 3 checkpoint > /tmp/keyway-text.$$
test "$(sed -n 1p checkpoint)" = '${origin}'
grep -o '"[^"]*+[0-9a-f]\\{8\\}+[^"]*"' "$TRUST" | tr -d '"' > /tmp/keyway-keys.$$
count=0
: > /tmp/keyway-signed.$$
while IFS= read -r vkey; do
  count=$((count + 1))
  id=$(printf '%s' "$vkey" | cut -d+ -f2)
  printf '%s' "$vkey" | cut -d+ -f3- | base64 -d > /tmp/keyway-key.$$
  kind=$(head -c 1 /tmp/keyway-key.$$ | od -An -tu1 | tr -d ' ')
  grep '^— ${origin} ' checkpoint | cut -d' ' -f3 > /tmp/keyway-lines.$$
  while IFS= read -r line; do
    printf '%s' "$line" | base64 -d > /tmp/keyway-line.$$
    test "$(head -c 4 /tmp/keyway-line.$$ | od -An -tx1 | tr -d ' \\n')" = "$id" || continue
    tail -c +5 /tmp/keyway-line.$$ > /tmp/keyway-sig.$$
    if test "$kind" = 1; then
      { printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; tail -c +2 /tmp/keyway-key.$$; } > /tmp/keyway-spki.$$
      openssl pkeyutl -verify -pubin -inkey /tmp/keyway-spki.$$ -keyform DER -rawin -in /tmp/keyway-text.$$ -sigfile /tmp/keyway-sig.$$
    else
      tail -c +2 /tmp/keyway-key.$$ > /tmp/keyway-spki.$$
      openssl dgst -sha256 -verify /tmp/keyway-spki.$$ -keyform DER -signature /tmp/keyway-sig.$$ /tmp/keyway-text.$$
    fi
    echo $(((count + 1) / 2)) >> /tmp/keyway-signed.$$
    break
  done < /tmp/keyway-lines.$$
done < /tmp/keyway-keys.$$
sort /tmp/keyway-signed.$$ | uniq -d | grep -q .
\`\`\`

## 3. An entry is what was recorded, and is in the signed tree

\`leaves/N.json\` is what the tree holds: time, type, and SHA-256 of 16 random bytes and the body. \`proofs/N.tlog-proof\` (C2SP
tlog-proof) leads from it to the root (RFC 9162 2.1.3.2): hash of a leaf SHA-256(0x00 leaf), of a node SHA-256(0x01 left right).
Entry ${index} is one of ${entries.length}; put another number in its place.

\`\`\`sh
bytes() { printf "$(printf '%s' "$1" | sed 's/../\\\\x&/g')"; }
hash() { sha256sum | cut -d' ' -f1; }
entry=${index}
if test -e bodies/$entry.json; then
  test "$(cat salts/$entry.bin bodies/$entry.json | hash)" = "$(sed 's/.*"body":"\\([0-9a-f]*\\)".*/\\1/' leaves/$entry.json)"
fi
at=$entry
last=$((${size} - 1))
node=$({ printf '\\000'; cat leaves/$entry.json; } | hash)
sed -n '/^index /,/^$/p' proofs/$entry.tlog-proof | sed '1d;$d' > /tmp/keyway-path.$$
while IFS= read -r line; do
  other=$(printf '%s' "$line" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
  if test $((at % 2)) = 1 || test $at = $last; then
    node=$({ printf '\\001'; bytes "$other"; bytes "$node"; } | hash)
    while test $((at % 2)) = 0 && test $at != 0; do at=$((at / 2)); last=$((last / 2)); done
  else
    node=$({ printf '\\001'; bytes "$node"; bytes "$other"; } | hash)
  fi
  at=$((at / 2)); last=$((last / 2))
done < /tmp/keyway-path.$$
test "$(bytes "$node" | base64)" = "$(sed -n 3p checkpoint)"
\`\`\`
${
  artefact
    ? `
## 4. A file is the one that was released

Each file of a release has a detached signature (CMS, CAdES-BES) by a release key, whose certificate an authority of the trust file
issued, and which the trust file names. Compare its time (\`from\`, \`until\`, \`revoked\`) with the time of the release.

\`\`\`sh
sed -n '/"authorities": /,$p' "$TRUST" | sed -n 's/.*"certificate": "\\(.*\\)".*/\\1/p' | sed 's/\\\\n/\\n/g' > /tmp/keyway-ca.$$
openssl cms -verify -binary -inform DER -in '${artefact.path}.p7s' -content '${artefact.path}' -CAfile /tmp/keyway-ca.$$ -signer /tmp/keyway-signer.$$ -out /dev/null
sed -n '/"releaseKeys": /,/"ledgerKeys": /p' "$TRUST" | sed -n 's/.*"certificate": "\\(.*\\)".*/\\1/p' | sed 's/\\\\n//g' > /tmp/keyway-named.$$
openssl x509 -in /tmp/keyway-signer.$$ | tr -d '\\n' | grep -qxFf - /tmp/keyway-named.$$
\`\`\`
`
    : ''
}${
  older
    ? `
## 5. The ledger extends the older checkpoint

\`older-checkpoint\` covers ${older.size} entries; \`consistency.json\` is the proof of RFC 9162 2.1.4.2 between both. \`keyway-verify.ts\`
checks it; by hand it is the walk of step 3 with two roots.
`
    : ''
}${stamped ? timestampStep(stamped) : ''}
\`\`\`sh
rm -f /tmp/keyway-*.$$
echo verified
\`\`\`
`;
}

/** Judged as of the time that it says, as certificates end and the timestamp does not. */
const timestampStep = ({ size, genTimeMs }: StampedTree): string => `
## 6. An authority saw the first ${size} entries by ${new Date(genTimeMs).toISOString()}

\`timestamp/checkpoint.tsr\` is a timestamp (RFC 3161) over the bytes of \`timestamp/checkpoint\`, which covers the first ${size}
entries; \`timestamp/consistency.json\` proves that the tree of this pack extends it, and \`keyway-verify.ts\` checks that.

\`\`\`sh
sed -n '/"timestampAuthorities": /,/"authorities": /p' "$TRUST" | sed -n 's/.*"certificate": "\\(.*\\)".*/\\1/p' | sed 's/\\\\n/\\n/g' > /tmp/keyway-tsa.$$
openssl ts -verify -data timestamp/checkpoint -in timestamp/checkpoint.tsr -CAfile /tmp/keyway-tsa.$$ -attime ${Math.floor(genTimeMs / 1000)}
\`\`\`
`;
