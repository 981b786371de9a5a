package io.blendnet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManagerIdentityTest {
  @Test
  void whatTheHeaderSaysIsReadBack() {
    ManagerIdentity manager =
        new ManagerIdentity("0f8fad5b-d9cb-469f-a165-70867728950e", 12, "start.2_b");

    assertThat(manager.header()).isEqualTo("0f8fad5b-d9cb-469f-a165-70867728950e;12;start.2_b");
    assertThat(ManagerIdentity.parse(manager.header())).contains(manager);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "farm",
        "farm;1",
        "farm;;start",
        "farm;0;start",
        "farm;-1;start",
        "farm;1.5;start",
        "farm;99999999999999999999;start",
        "farm;1;",
        ";1;start",
        "a farm;1;start",
        "farm;1;start;more",
        " farm;1;start"
      })
  void whatNamesNoManagerIsNotRead(String header) {
    assertThat(ManagerIdentity.parse(header)).isEmpty();
  }

  @Test
  void aNameThatWouldBreakTheHeaderIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ManagerIdentity("a;b", 1, "start"));
    assertThatIllegalArgumentException().isThrownBy(() -> new ManagerIdentity("farm", 1, "s\r\n"));
    assertThatIllegalArgumentException().isThrownBy(() -> new ManagerIdentity("farm", 0, "start"));
  }
}
