package io.blendnet.cli;

import io.blendnet.storage.FarmBackup;
import io.blendnet.storage.SqliteFarmStore;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header = "Copies a Manager's data folder, while the Manager runs.",
    description =
        "%nThe copy is the farm of one moment: tasks, files, finished cells, results, agents, "
            + "the Manager's keys and its password. It is verified, and has its name only when it "
            + "is whole. On the disk of the Manager it takes little room, because files are linked. "
            + "A Manager whose data-folder it is goes on where the copy was made.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet backup /backups/monday",
      "  blendnet backup --config /etc/blendnet/manager.conf /backups/monday",
      "  blendnet backup --folder /srv/farm --json \"/backups/$(date +%%F)\""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "2:wrong arguments or configuration, such as a target that exists, or no farm to copy",
      "3:a full disk, files that cannot be read, a damaged or newer farm"
    })
final class BackupCommand implements Callable<Integer> {
  private static final String FARM = "data";

  /** What a Manager keeps beside its farm; without it, the copy would be a stranger to all. */
  private static final List<String> KEYS =
      List.of("authority", "certificate", "password", "local/authority");

  @Parameters(paramLabel = "TARGET", description = "The copy's folder, which does not exist yet.")
  private Path target = Path.of("");

  @Mixin private ConfigurationFlags place = new ConfigurationFlags();

  @Option(names = "--json", description = "Tell the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() throws CommandException {
    Logging.begin();
    var events = new JsonDisplay(System.out);
    try (var guard = ExitGuard.ofWork()) {
      try {
        FarmBackup.Contents contents = copy(dataFolder(), guard);
        if (json) {
          events.event("result", result(contents));
        } else {
          System.out.println(sentence(contents));
        }
        return ExitCode.DONE.number();
      } catch (CommandException e) {
        if (json && !guard.isSignalled()) {
          events.event(
              "result", Map.of("exit_code", e.exitCode().number(), "error", e.getMessage()));
        }
        throw e;
      }
    }
  }

  private Path dataFolder() throws CommandException {
    try {
      Path folder = place.folder();
      SettingsFile file =
          place.configuration("manager", ManagerSettings::read, SettingsFile.none(folder));
      return ManagerSettings.from(file, folder).server().dataFolder();
    } catch (SettingsException e) {
      throw CommandException.usage(e.getMessage());
    }
  }

  private FarmBackup.Contents copy(Path dataFolder, ExitGuard guard) throws CommandException {
    if (!Files.exists(dataFolder.resolve(FARM).resolve(SqliteFarmStore.FILE))) {
      throw CommandException.usage(
          "There is no farm in %s. Say with --folder or --config where the Manager's configuration is; its data-folder is copied."
              .formatted(dataFolder));
    }
    try (FarmBackup backup = guard.keep(FarmBackup.begin(target))) {
      FarmBackup.Contents contents = backup.farm(dataFolder.resolve(FARM), FARM);
      for (String name : KEYS) {
        backup.files(dataFolder.resolve(name), name);
      }
      backup.finish();
      return contents;
    } catch (FileAlreadyExistsException e) {
      throw CommandException.usage(
          "There is something at %s already. A backup goes to a place of its own; choose another name."
              .formatted(e.getFile()));
    } catch (AccessDeniedException e) {
      throw CommandException.environment(
          "This user may not use %s. Make the backup as the user of the Manager, in a place of that user's."
              .formatted(e.getFile()));
    } catch (IOException e) {
      throw CommandException.environment(String.valueOf(e.getMessage()));
    }
  }

  private Map<String, Object> result(FarmBackup.Contents contents) {
    var members = new LinkedHashMap<String, Object>();
    members.put("exit_code", ExitCode.DONE.number());
    members.put("target", target.toAbsolutePath().normalize().toString());
    members.put("tasks", contents.tasks());
    members.put("files", contents.blobs());
    members.put("bytes", contents.bytes());
    return members;
  }

  private String sentence(FarmBackup.Contents contents) {
    return "%s holds the farm: %,d tasks, %,d files of %,d bytes, all verified."
        .formatted(
            target.toAbsolutePath().normalize(),
            contents.tasks(),
            contents.blobs(),
            contents.bytes());
  }
}
