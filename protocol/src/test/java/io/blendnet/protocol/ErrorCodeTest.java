package io.blendnet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodeTest {
  @ParameterizedTest
  @EnumSource
  void aCodeIsFoundByItsType(ErrorCode code) {
    assertThat(ErrorCode.ofType(code.type())).contains(code);
    assertThat(code.type()).matches("urn:blendnet:error:[a-z-]+");
    assertThat(code.status()).isBetween(400, 599);
  }
}
