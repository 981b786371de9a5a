package io.blendnet.server;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * Where a client comes from, as far as it cannot choose: an IPv4 address, or the 64 bits of an IPv6
 * address that a provider hands out (RFC 6177); the other 64 are the client's own to change.
 *
 * @param prefix the bits, to the right
 */
record ClientNetwork(boolean isVersion6, long prefix) {
  private static final ClientNetwork NONE = new ClientNetwork(false, 0);

  static ClientNetwork of(SocketAddress peer) {
    return peer instanceof InetSocketAddress address && !address.isUnresolved()
        ? of(address.getAddress())
        : NONE;
  }

  static ClientNetwork of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return address instanceof Inet6Address
        ? new ClientNetwork(true, bytes.getLong())
        : new ClientNetwork(false, Integer.toUnsignedLong(bytes.getInt()));
  }

  @Override
  public String toString() {
    return isVersion6
        ? "%x:%x:%x:%x::/64"
            .formatted(
                prefix >>> 48, (prefix >>> 32) & 0xffff, (prefix >>> 16) & 0xffff, prefix & 0xffff)
        : "%d.%d.%d.%d"
            .formatted(prefix >>> 24, (prefix >>> 16) & 0xff, (prefix >>> 8) & 0xff, prefix & 0xff);
  }
}
