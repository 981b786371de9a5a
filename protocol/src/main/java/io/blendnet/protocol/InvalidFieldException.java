package io.blendnet.protocol;

/** A member of a JSON body, or a part of a path, has a value that it must not have. */
public final class InvalidFieldException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * A value that is refused.
   *
   * @param field the member's name on the wire
   * @param message a sentence for the user that names the field
   */
  public InvalidFieldException(String field, String message) {
    super(message);
    this.field = field;
  }

  public String field() {
    return field;
  }
}
