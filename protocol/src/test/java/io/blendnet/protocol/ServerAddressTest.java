package io.blendnet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {
  @ParameterizedTest
  @CsvSource({
    "https://localhost:8443,localhost,8443",
    "https://localhost:8443/,localhost,8443",
    "https://farm.example,farm.example,443",
    "https://[::1]:9443,::1,9443"
  })
  void anAddressIsRead(String text, String host, int port) {
    assertThat(ServerAddress.parse(text)).isEqualTo(new ServerAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost:8443",
        "http://localhost:8443",
        "https://",
        "https://a b:1",
        "https://me:pw@localhost",
        "https://localhost:8443/api"
      })
  void anythingElseIsRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> ServerAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("https://host:8443");
  }

  @Test
  void ipv6AddressesGetTheirBracketsBack() {
    assertThat(new ServerAddress("::1", 8443)).hasToString("https://[::1]:8443");
  }
}
