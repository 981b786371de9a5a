package io.blendnet.protocol;

/** A member of a JSON body, or a part of a path, has a value that it must not have. */
public final class InvalidFieldException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String sentence;

  /**
   * A value that is refused.
   *
   * @param field the member's name on the wire
   * @param sentence for the user; names the field
   */
  public InvalidFieldException(String field, String sentence) {
    super(sentence);
    this.field = field;
    this.sentence = sentence;
  }

  public String field() {
    return field;
  }

  @Override
  public String getMessage() {
    return sentence;
  }
}
