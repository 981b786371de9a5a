package io.blendnet.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryFlag;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What "for the owner alone" means to a file system. */
sealed interface OwnerOnly {
  FileAttribute<?>[] fileAttributes() throws IOException;

  FileAttribute<?>[] folderAttributes() throws IOException;

  boolean holds(Path fileOrFolder) throws IOException;

  void apply(Path fileOrFolder) throws IOException;

  boolean foldersCanBeSynced();

  static OwnerOnly of(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new Modes()
        : new AccessLists(path);
  }

  /** Linux and macOS: mode 0600 and 0700. */
  record Modes() implements OwnerOnly {
    private static final Set<PosixFilePermission> FILE =
        PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER =
        PosixFilePermissions.fromString("rwx------");

    @Override
    public FileAttribute<?>[] fileAttributes() {
      return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FILE)};
    }

    @Override
    public FileAttribute<?>[] folderAttributes() {
      return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FOLDER)};
    }

    @Override
    public boolean holds(Path fileOrFolder) throws IOException {
      return FOLDER.containsAll(Files.getPosixFilePermissions(fileOrFolder));
    }

    @Override
    public void apply(Path fileOrFolder) throws IOException {
      Files.setPosixFilePermissions(fileOrFolder, Files.isDirectory(fileOrFolder) ? FOLDER : FILE);
    }

    @Override
    public boolean foldersCanBeSynced() {
      return true;
    }
  }

  /** Windows: an access list with the owner as its one entry, which things in a folder inherit. */
  record AccessLists(Path path) implements OwnerOnly {
    /**
     * Entries that every Windows file carries and that open it to nobody but the administrators.
     */
    private static final Set<String> ADMINISTRATORS =
        Set.of("NT AUTHORITY\\SYSTEM", "BUILTIN\\Administrators");

    @Override
    public FileAttribute<?>[] fileAttributes() throws IOException {
      return new FileAttribute<?>[] {new AccessList(List.of(everythingFor(thisUser())))};
    }

    @Override
    public FileAttribute<?>[] folderAttributes() throws IOException {
      return new FileAttribute<?>[] {new AccessList(List.of(everythingBelowFor(thisUser())))};
    }

    @Override
    public boolean holds(Path fileOrFolder) throws IOException {
      UserPrincipal owner = Files.getOwner(fileOrFolder);
      return view(fileOrFolder).getAcl().stream()
          .filter(entry -> entry.type() == AclEntryType.ALLOW)
          .allMatch(entry ->
              entry.principal().equals(owner)
                  || ADMINISTRATORS.contains(entry.principal().getName()));
    }

    @Override
    public void apply(Path fileOrFolder) throws IOException {
      UserPrincipal owner = Files.getOwner(fileOrFolder);
      view(fileOrFolder)
          .setAcl(
              List.of(
                  Files.isDirectory(fileOrFolder)
                      ? everythingBelowFor(owner)
                      : everythingFor(owner)));
    }

    @Override
    public boolean foldersCanBeSynced() {
      return false;
    }

    private UserPrincipal thisUser() throws IOException {
      return path.getFileSystem()
          .getUserPrincipalLookupService()
          .lookupPrincipalByName(System.getProperty("user.name"));
    }

    private static AclFileAttributeView view(Path fileOrFolder) throws IOException {
      AclFileAttributeView view =
          Files.getFileAttributeView(fileOrFolder, AclFileAttributeView.class);
      if (view == null) {
        throw new IOException(
            "The file system of "
                + fileOrFolder
                + " cannot keep a file private; choose another place");
      }
      return view;
    }

    private static AclEntry everythingFor(UserPrincipal user) {
      return entry(user).build();
    }

    private static AclEntry everythingBelowFor(UserPrincipal user) {
      return entry(user)
          .setFlags(AclEntryFlag.FILE_INHERIT, AclEntryFlag.DIRECTORY_INHERIT)
          .build();
    }

    private static AclEntry.Builder entry(UserPrincipal user) {
      return AclEntry.newBuilder()
          .setType(AclEntryType.ALLOW)
          .setPrincipal(user)
          .setPermissions(EnumSet.allOf(AclEntryPermission.class));
    }
  }

  /** The attribute that a Windows file system takes when it creates a file. */
  record AccessList(List<AclEntry> value) implements FileAttribute<List<AclEntry>> {
    @Override
    public String name() {
      return "acl:acl";
    }
  }
}
