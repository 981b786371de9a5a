package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameListTest {
  @Test
  void oneFrame() {
    assertThat(FrameList.parse("7").frames()).containsExactly(7);
  }

  @Test
  void rangesAndFramesKeepTheirOrderAndComeOnce() {
    assertThat(FrameList.parse("20, 1-3,2,0").frames()).containsExactly(20, 1, 2, 3, 0);
  }

  @Test
  void theLastFrameThatBlenderKnowsIsAccepted() {
    assertThat(FrameList.parse("1048574").frames()).containsExactly(1_048_574);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ""           | neither a frame nor a range
          1,,2         | neither a frame nor a range
          -3           | neither a frame nor a range
          one          | neither a frame nor a range
          1-2-3        | neither a frame nor a range
          99999999999  | neither a frame nor a range
          10-1         | write 1-10
          1048575      | out of range
          0-1048574    | More than 100000 frames
          """)
  void whatIsNoFrameIsRefusedWithTheReason(String text, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameList.parse(text))
        .withMessageContaining(reason);
  }
}
