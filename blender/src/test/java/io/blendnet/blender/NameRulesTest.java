package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameRulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"con", "NUL.txt", "a:b", "what?", "end.", "end ", "", "..", "a\\b", "a\tb"})
  void windowsRefusesWhatItCannotKeep(String name) {
    assertThat(NameRules.windowsObstacle(name)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scene.blend", "Zürich 'x'.png", "console", ".hidden", "a..b"})
  void ordinaryNamesAreFineEverywhere(String name) {
    assertThat(NameRules.windowsObstacle(name)).isEmpty();
    assertThat(NameRules.posixObstacle(name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "a\0b"})
  void posixRefusesLittle(String name) {
    assertThat(NameRules.posixObstacle(name)).isPresent();
    assertThat(NameRules.posixObstacle("ä".repeat(128))).isPresent();
    assertThat(NameRules.posixObstacle("ä".repeat(127))).isEmpty();
  }
}
