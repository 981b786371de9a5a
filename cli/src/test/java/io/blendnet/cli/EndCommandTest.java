package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndCommandTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String PATH = "/nowhere" + File.pathSeparator + "/usr/bin";

  @TempDir private Path folder;

  @Test
  void wordsAreSeparatedByBlanksThatStandInNoQuotes() {
    assertThat(EndCommand.split("  sudo\tpoweroff ").orElseThrow())
        .containsExactly("sudo", "poweroff");
    assertThat(EndCommand.split("end --why='no work' \"it's over\" '' C:\\end").orElseThrow())
        .containsExactly("end", "--why=no work", "it's over", "", "C:\\end");
    assertThat(EndCommand.split(" ").orElseThrow()).isEmpty();
    assertThat(EndCommand.split("say 'nothing")).isEmpty();
  }

  @Test
  void aProgramThatIsNotThereIsKnownBeforeItIsNeeded() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "no program");

    assertThat(new EndCommand(List.of("true", "-x")).obstacle(PATH)).isEmpty();
    assertThat(new EndCommand(List.of("/usr/bin/true")).obstacle("")).isEmpty();
    assertThat(EndCommand.NONE.obstacle(PATH)).isEmpty();
    assertThat(new EndCommand(List.of("powerof")).obstacle(PATH))
        .contains("names 'powerof', and there is no such program");
    assertThat(new EndCommand(List.of(text.toString())).obstacle(PATH).orElseThrow())
        .contains("no such program");
    assertThat(new EndCommand(List.of("./end")).obstacle(PATH).orElseThrow())
        .contains("neither a program's name nor a whole path");
    assertThat(new EndCommand(List.of(" ")).obstacle(PATH)).contains("names no program");
  }

  @Test
  void noShellReadsTheWords() {
    Path odd = folder.resolve("a;b $(touch c) *");

    new EndCommand(List.of("touch", odd.toString())).run(PATIENCE);

    assertThat(odd).exists();
  }

  @Test
  void aCommandThatFailsOrHangsOrIsNotThereIsGivenUp() {
    new EndCommand(List.of("no-such-program-here")).run(PATIENCE);
    new EndCommand(List.of("false")).run(PATIENCE);
    new EndCommand(List.of("sleep", "1000")).run(Duration.ofMillis(50));

    assertThat(ProcessHandle.current().descendants())
        .noneMatch(process -> process.info().command().orElse("").endsWith("/sleep"));
  }
}
