package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Types of files, as agents name them. */
class AnswerWriterTest {
  @ParameterizedTest
  @ValueSource(strings = {"image/png", "image/x-exr", "image/jpeg", "image/vnd.radiance"})
  void picturesAreShown(String type) {
    assertThat(AnswerWriter.safeType(type)).isEqualTo(type);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/html",
        "image/svg+xml",
        "application/javascript",
        "image/png\r\nX-Evil: yes",
        "image/png; charset=x",
        "IMAGE/PNG",
        ""
      })
  void whatABrowserMightRunIsNot(String type) {
    assertThat(AnswerWriter.safeType(type)).isEqualTo("application/octet-stream");
  }
}
