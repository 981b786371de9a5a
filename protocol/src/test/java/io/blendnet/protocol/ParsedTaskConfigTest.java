package io.blendnet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.Strategy;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParsedTaskConfigTest {
  @Test
  void everyPublishedKeyIsRead() throws Exception {
    TaskConfig config =
        parse(
                """
                {"project":"scene.blend","project_path":"C:\\\\work\\\\shot","cwd_path":"C:/",
                 "samples":64,"seed":2147483647,"frame":0,"agents_num":3,
                 "use_compositing_nodes":true,"compose_filepath":"//render\\\\####",
                 "strategy":"samples","trust_scripts":true,"priority":-100}\
                """)
            .config();

    assertThat(config.project()).contains("scene.blend");
    assertThat(config.projectPath()).contains("C:\\work\\shot");
    assertThat(config.cwdPath()).contains("C:/");
    assertThat(config.samples()).contains(64);
    assertThat(config.seed()).contains(2_147_483_647);
    assertThat(config.frame()).contains(0);
    assertThat(config.agentsNum()).contains(3);
    assertThat(config.useCompositingNodes()).contains(true);
    assertThat(config.composeFilepath()).contains("//render\\####");
    assertThat(config.strategy()).contains(Strategy.SAMPLES);
    assertThat(config.trustScripts()).contains(true);
    assertThat(config.priority()).contains(-100);
  }

  @Test
  void whatIsAbsentOrNullIsLeftOpen() throws Exception {
    ParsedTaskConfig parsed = parse("{\"samples\":null}");

    assertThat(parsed.config().samples()).isEmpty();
    assertThat(parsed.config().project()).isEmpty();
    assertThat(parsed.warning()).isEmpty();
  }

  @Test
  void keysWithoutEffectAreAcceptedAndNamed() throws Exception {
    assertThat(parse("{\"samples\":1,\"denoise\":true,\"session_id\":\"x\"}").warning())
        .contains("Accepted without effect: denoise, session_id");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "samples|0",
        "samples|\"64\"",
        "samples|1.5",
        "samples|true",
        "samples|[1]",
        "seed|-1",
        "seed|2147483648",
        "frame|-1",
        "agents_num|0",
        "use_compositing_nodes|1",
        "use_compositing_nodes|\"yes\"",
        "project|7",
        "project|\"../other.blend\"",
        "project|\"\"",
        "project_path|\"relative\"",
        "cwd_path|\"relative\"",
        "compose_filepath|{}",
        "strategy|\"fast\"",
        "trust_scripts|\"true\"",
        "priority|101",
        "priority|-101",
        "priority|-2147483648",
        "priority|0.5",
        "priority|\"high\""
      })
  void aWrongValueIsRefusedWithTheFieldsName(String field, String value) {
    assertThatThrownBy(() -> parse("{\"" + field + "\":" + value + "}"))
        .isInstanceOfSatisfying(
            InvalidFieldException.class,
            refused -> {
              assertThat(refused.field()).isEqualTo(field);
              assertThat(refused.getMessage()).contains("'" + field + "'");
            });
  }

  @Test
  void aListIsNoConfiguration() {
    assertThatThrownBy(() -> parse("[]")).isInstanceOf(InvalidFieldException.class);
    assertThatThrownBy(() -> parse("{")).isInstanceOf(MalformedJsonException.class);
  }

  @Test
  void whatAClientWritesIsReadBackTheSame() throws Exception {
    TaskConfig config = TaskConfig.of("a.blend", 12);

    ParsedTaskConfig parsed = ParsedTaskConfig.parse(WireJson.write(config));

    assertThat(parsed.config()).isEqualTo(config);
    assertThat(parsed.ignoredKeys()).isEmpty();
  }

  private static ParsedTaskConfig parse(String json) throws MalformedJsonException {
    return ParsedTaskConfig.parse(json.getBytes(StandardCharsets.UTF_8));
  }
}
