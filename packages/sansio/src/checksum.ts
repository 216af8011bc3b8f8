/**
 * The Internet checksum of the chunks laid end to end, as RFC 1071 §1: the one's complement of the one's complement sum of
 * 16-bit words, an odd last octet padded with zero. Zero when the chunks already hold a right checksum.
 */
export function internetChecksum(chunks: readonly Uint8Array[]): number {
  let sum = 0;
  let odd = false;
  for (const chunk of chunks) {
    for (const octet of chunk) {
      sum += odd ? octet : octet << 8;
      odd = !odd;
    }
    // Folded per chunk, so that the sum stays an exact integer for chunks of any sane size.
    sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
