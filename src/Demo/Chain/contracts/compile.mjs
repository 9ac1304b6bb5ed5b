// Compiles the demo's contracts and prints the artifact that is committed beside them:
//   node src/Demo/Chain/contracts/compile.mjs FOLDER_OF_NODE_MODULES > src/Demo/Chain/contracts/contracts.json
// Nothing that depends on the machine or on the sources' comments enters the bytecode (no metadata hash).
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const solc = createRequire(resolve(process.argv[2]) + '/')('solc');
const names = ['Aggregator', 'Proxy'];
const input = {
  language: 'Solidity',
  sources: Object.fromEntries(names.map(name => [`${name}.sol`, { content: readFileSync(new URL(`${name}.sol`, import.meta.url), 'utf8') }])),
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: 'cancun',
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
if (output.errors?.length) {
  console.error(output.errors.map(error => error.formattedMessage).join('\n'));
  process.exit(1);
}
const artifact = { compiler: solc.version() };
for (const name of names) {
  const contract = output.contracts[`${name}.sol`][name];
  artifact[name] = { abi: contract.abi, bytecode: '0x' + contract.evm.bytecode.object };
}
console.log(JSON.stringify(artifact, null, 2));
