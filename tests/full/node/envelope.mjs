// The envelope in JavaScript, by npm `hpke`: opens what Python seals, and seals what Python opens.
// One JSON object on standard input, one on standard output; byte strings are base64url without padding.

import { webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as HPKE from 'hpke'
import { KEM_MLKEM768_X25519 } from '@panva/hpke-noble'
import { decrypt } from './cobblestone.mjs'

const ENC_BYTES = 1120
const suite = new HPKE.CipherSuite(KEM_MLKEM768_X25519, HPKE.KDF_HKDF_SHA256, HPKE.AEAD_AES_256_GCM)
const ascii = new TextEncoder()

const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64url'))
const text = (data) => Buffer.from(data).toString('base64url')
const join = (...pieces) => new Uint8Array(Buffer.concat(pieces.map((piece) => Buffer.from(piece))))

function number(value, length) {
  const out = new Uint8Array(length)
  for (let place = length - 1; place >= 0; place -= 1, value = Math.floor(value / 256)) out[place] = value % 256
  return out
}

const lp = (data) => join(number(data.length, 2), data)
const name = (organisation) => lp(ascii.encode(organisation))

// docs/spec/envelope.md, "Inner envelope" and "Lock"
const innerInfo = (p) =>
  join(
    ascii.encode('exchange/envelope/v1\0'), bytes(p.report), name(p.owner), bytes(p.commitment), bytes(p.part),
    name(p.organisation), number(p.epoch, 4), bytes(p.key),
  )
const lockInfo = (p) => join(ascii.encode('exchange/lock/v1\0'), bytes(p.report), bytes(p.part), name(p.organisation))

async function open(seed, sealed, info) {
  const key = await suite.DeserializePrivateKey(seed, false)
  return suite.Open(key, sealed.slice(0, ENC_BYTES), sealed.slice(ENC_BYTES), { info })
}

async function seal(publicKey, plaintext, info) {
  const key = await suite.DeserializePublicKey(publicKey)
  const { encapsulatedSecret, ciphertext } = await suite.Seal(key, plaintext, { info })
  return join(encapsulatedSecret, ciphertext)
}

const commands = {
  // Take the lock off, open the envelope, open the manifest with its key: all that a reader does but the content.
  async open(p) {
    const inner = await open(bytes(p.lockSeed), bytes(p.locked), lockInfo(p))
    const hash = new Uint8Array(await webcrypto.subtle.digest('SHA-256', inner))
    const key = await open(bytes(p.seed), inner, innerInfo(p))
    const context = join(ascii.encode('exchange/manifest/v1\0'), bytes(p.report), bytes(p.part))
    const manifest = await decrypt(bytes(p.manifest), key, context)
    return { envelopeHash: text(hash), contentKey: text(key), manifest: text(manifest) }
  },
  async seal(p) {
    const inner = await seal(bytes(p.public), bytes(p.contentKey), innerInfo(p))
    const locked = await seal(bytes(p.lockPublic), inner, lockInfo(p))
    return { envelope: text(inner), locked: text(locked) }
  },
}

const request = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify(await commands[request.command](request)))
