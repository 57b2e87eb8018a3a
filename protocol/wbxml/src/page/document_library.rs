//! Code page 19, DocumentLibrary: MS-ASWBXML section 2.1.2.1.20.

code_page! {
    19, "DocumentLibrary",
    LINK_ID = 0x05, "LinkId";
    DISPLAY_NAME = 0x06, "DisplayName";
    IS_FOLDER = 0x07, "IsFolder";
    CREATION_DATE = 0x08, "CreationDate";
    LAST_MODIFIED_DATE = 0x09, "LastModifiedDate";
    IS_HIDDEN = 0x0A, "IsHidden";
    CONTENT_LENGTH = 0x0B, "ContentLength";
    CONTENT_TYPE = 0x0C, "ContentType";
}
