//! Code page 16, GAL: MS-ASWBXML section 2.1.2.1.17.

code_page! {
    16, "GAL",
    DISPLAY_NAME = 0x05, "DisplayName";
    PHONE = 0x06, "Phone";
    OFFICE = 0x07, "Office";
    TITLE = 0x08, "Title";
    COMPANY = 0x09, "Company";
    ALIAS = 0x0A, "Alias";
    FIRST_NAME = 0x0B, "FirstName";
    LAST_NAME = 0x0C, "LastName";
    HOME_PHONE = 0x0D, "HomePhone";
    MOBILE_PHONE = 0x0E, "MobilePhone";
    EMAIL_ADDRESS = 0x0F, "EmailAddress";
    PICTURE = 0x10, "Picture";
    STATUS = 0x11, "Status";
    DATA = 0x12, "Data";
}
