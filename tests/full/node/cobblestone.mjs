// Cobblestone-256 (C2SP chunked-encryption, HKDF-SHA-512, AES-256-GCM) on WebCrypto: a third implementation.

import { webcrypto } from 'node:crypto'

const { subtle } = webcrypto
const CHUNK = 16384
const TAG = 16
const PREFIX = new TextEncoder().encode('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0')

const join = (...pieces) => new Uint8Array(Buffer.concat(pieces.map((piece) => Buffer.from(piece))))

// WebCrypto's HKDF always extracts, so Expand is spelled as its two HMAC calls: 76 bytes are due, each call gives 64.
async function expand(key, info) {
  const hmac = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-512' }, false, ['sign'])
  const first = new Uint8Array(await subtle.sign('HMAC', hmac, join(info, [1])))
  const second = new Uint8Array(await subtle.sign('HMAC', hmac, join(first, info, [2])))
  return join(first, second).slice(0, 76)
}

function nonce(base, number) {
  const out = Uint8Array.from(base)
  for (let place = 11; number > 0; place -= 1, number = Math.floor(number / 256)) out[place] ^= number % 256
  return out
}

export async function decrypt(sealed, key, context) {
  const derived = await expand(key, join(PREFIX, sealed.slice(0, 24), context))
  if (Buffer.compare(derived.slice(44), sealed.slice(24, 56)) !== 0) throw new Error('commitment')
  const aes = await subtle.importKey('raw', derived.slice(0, 32), 'AES-GCM', false, ['decrypt'])
  const out = []
  for (let place = 56, number = 0; ; place += CHUNK + TAG, number += 1) {
    const chunk = sealed.slice(place, place + CHUNK + TAG)
    if (chunk.length < TAG) throw new Error('truncated')
    const iv = nonce(derived.slice(32, 44), number)
    out.push(new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv }, aes, chunk)))
    if (chunk.length < CHUNK + TAG) return join(...out)
  }
}
