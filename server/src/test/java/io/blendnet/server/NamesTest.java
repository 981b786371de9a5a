package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/** What name servers are asked. */
class NamesTest {
  @Test
  void noAddressIsLookedUp() throws Exception {
    InetAddress client = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});

    assertThat(client.getHostName()).isEqualTo("127.0.0.1");
  }

  @Test
  void namesAre() throws Exception {
    assertThat(InetAddress.getAllByName("localhost")).anyMatch(InetAddress::isLoopbackAddress);
  }
}
