package io.blendnet.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/**
 * Has this program ask no name server about an address. Helidon 4.5.0 asks for the name of every
 * client that connects: that would tell a third party who comes, and a name server that does not
 * answer would hold up all other clients, since such a question occupies a processor's thread.
 */
public final class ForwardLookups extends InetAddressResolverProvider {
  /** For the Java runtime, which finds this by its service file. */
  public ForwardLookups() {}

  @Override
  public String name() {
    return "names to addresses alone";
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    InetAddressResolver system = configuration.builtinResolver();
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        return system.lookupByName(host, policy);
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        throw new UnknownHostException("Addresses have no names here");
      }
    };
  }
}
