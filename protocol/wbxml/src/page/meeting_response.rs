//! Code page 8, MeetingResponse: MS-ASWBXML section 2.1.2.1.9.

code_page! {
    8, "MeetingResponse",
    CALENDAR_ID = 0x05, "CalendarId";
    COLLECTION_ID = 0x06, "CollectionId";
    MEETING_RESPONSE = 0x07, "MeetingResponse";
    REQUEST_ID = 0x08, "RequestId";
    REQUEST = 0x09, "Request";
    RESULT = 0x0A, "Result";
    STATUS = 0x0B, "Status";
    USER_RESPONSE = 0x0C, "UserResponse";
    INSTANCE_ID = 0x0E, "InstanceId";
    PROPOSED_START_TIME = 0x10, "ProposedStartTime";
    PROPOSED_END_TIME = 0x11, "ProposedEndTime";
    SEND_RESPONSE = 0x12, "SendResponse";
}
