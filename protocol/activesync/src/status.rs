//! Status codes, closed enums per command: MS-ASCMD sections 2.2.2 and 2.2.3.177, MS-ASPROV 2.2.2.54.
//!
//! The number at the end of each line is the requirement that defines the code. Codes that only document
//! libraries, rights management and other absent commands use are left out.

macro_rules! statuses {
    ($($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)+ })+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant = $code,)+
        }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The number on the wire.
            #[must_use]
            pub fn code(self) -> u16 {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }
    )+};
}

statuses! {
    /// Statuses that every command can answer from 14.0 on: MS-ASCMD section 2.2.2.
    CommonStatus {
        /// The body of the HTTP request is invalid. R4811
        InvalidContent = 101,
        /// The body is no WBXML. R4815
        InvalidWbxml = 102,
        /// The document does not follow the protocol. R4817
        InvalidXml = 103,
        /// A moment could not be read. R4819
        InvalidDateTime = 104,
        /// Parameters that cannot stand together. R4821
        InvalidCombination = 105,
        /// An id has no form of ours. R4823
        InvalidIds = 106,
        /// The message could not be parsed. R4826
        InvalidMime = 107,
        /// The device id is missing or malformed. R4828
        InvalidDeviceId = 108,
        /// The device type is missing or malformed. R4830
        InvalidDeviceType = 109,
        /// Our fault; do not retry. R4832
        ServerError = 110,
        /// Our fault; retry later. R4834
        ServerErrorRetryLater = 111,
        /// The mailbox is full. R4838
        MailboxQuotaExceeded = 113,
        /// The mailbox's store is away. R4840
        MailboxServerOffline = 114,
        /// Sending would exceed a quota. R4842
        SendQuotaExceeded = 115,
        /// A recipient has no address. R4844
        RecipientUnresolved = 116,
        /// Replies to this message are not allowed. R4846
        ReplyNotAllowed = 117,
        /// The message was sent already. R4848
        PreviouslySent = 118,
        /// The message has no recipient. R4853
        NoRecipient = 119,
        /// The message could not be handed over. R4855
        SubmissionFailed = 120,
        /// The reply could not be made. R4858
        ReplyFailed = 121,
        /// The attachment is too large for this request. R4860
        AttachmentTooLarge = 122,
        /// The user has no mailbox. R4862
        NoMailbox = 123,
        /// The user is unknown. R4867
        UserUnknown = 125,
        /// The user may not use ActiveSync. R4869
        UserNotAllowed = 126,
        /// The server lets nobody synchronise. R4871
        SyncDisabled = 127,
        /// The user may not use this device. R4875
        DeviceNotAllowed = 129,
        /// The user may not do this. R4878
        AccessDenied = 130,
        /// The account is blocked. R4880
        AccountDisabled = 131,
        /// The state of the device is gone. R4882
        StateNotFound = 132,
        /// The state of the device is in use. R4886
        StateLocked = 133,
        /// The state of the device is damaged. R4888
        StateCorrupt = 134,
        /// The command does not exist here. R4895
        CommandNotSupported = 137,
        /// The command does not exist in this version. R4897
        VersionNotSupported = 138,
        /// The version cannot express the policy. R4899
        DeviceNotFullyProvisionable = 139,
        /// A wipe waits; Provision fetches it. R5280
        RemoteWipeRequested = 140,
        /// There is a policy, but the device cannot take one. R4904
        DeviceNotProvisionable = 141,
        /// There is a policy; Provision fetches it. R4906
        DeviceNotProvisioned = 142,
        /// The policy is to be fetched again. R4909
        PolicyRefresh = 143,
        /// The policy key is not the current one. R4912
        InvalidPolicyKey = 144,
        /// The device is managed elsewhere, which is not allowed. R4917
        ExternallyManagedDevice = 145,
        /// An occurrence is named of what is no series. R4919
        NotRecurring = 146,
        /// The request names items of an unknown kind. R4921
        UnknownItemClass = 147,
        /// The empty request could not be run again. R4926
        StoredRequestFailed = 149,
        /// The source of a reply or forward does not exist. R4930
        SourceNotFound = 150,
        /// The mailbox has too many folders. R4932
        TooManyFolders = 151,
        /// Moving a conversation lacks MoveAlways. R4940
        MoveAlwaysMissing = 155,
        /// The destination of the move is invalid. R4942
        InvalidDestination = 156,
        /// A body part of this kind cannot be given. R5412
        BodyPartTypeUnsupported = 164,
        /// Provision lacks DeviceInformation. R4954
        DeviceInformationRequired = 165,
        /// The AccountId is unknown. R4956
        InvalidAccountId = 166,
        /// The account of the AccountId cannot send. R4958
        AccountSendDisabled = 167,
        /// There is no rights management here. R4960
        RightsManagementDisabled = 168,
        /// The conversation is too large for body parts. R4978
        ConversationTooLarge = 176,
        /// The user has too many devices. R4980
        TooManyDevices = 177,
        /// A message beside the people to whom a meeting is forwarded. R7467
        InvalidSmartForwardCombination = 178,
        /// The people to whom a meeting is forwarded cannot be read. R7470
        InvalidForwardees = 179,
        /// A draft to be sent has no or an unusable recipient. R7472
        DraftRecipientInvalid = 183,
    }

    /// Sync: MS-ASCMD section 2.2.3.177.17.
    SyncStatus {
        /// R4422
        Success = 1,
        /// The collection starts again with key 0. R4424
        InvalidSyncKey = 3,
        /// The request breaks the protocol. R4429
        ProtocolError = 4,
        /// Our fault. R4433
        ServerError = 5,
        /// The item could not be understood. R4439
        Conversion = 6,
        /// Another change was newer, and the server's stays. R4443
        Conflict = 7,
        /// The item or collection is gone. R4446
        NotFound = 8,
        /// The mailbox is full. R4449
        CannotComplete = 9,
        /// The folders changed: FolderSync first. R4452
        HierarchyChanged = 12,
        /// An empty or partial request, and nothing cached. R4455
        Incomplete = 13,
        /// The wait is out of range; Limit says the nearest allowed. R4458
        InvalidWait = 14,
        /// Too many collections; Limit says how many are allowed. R4463
        TooManyCollections = 15,
        /// Something passing: try again. R4466
        Retry = 16,
        /// A draft to be sent has no or an unusable recipient. R7472
        DraftRecipientInvalid = 183,
    }

    /// FolderSync: MS-ASCMD section 2.2.3.177.5.
    FolderSyncStatus {
        /// R4073
        Success = 1,
        /// Our fault. R4075
        ServerError = 6,
        /// Begin again with key 0. R4082
        InvalidSyncKey = 9,
        /// R4085
        MalformedRequest = 10,
        /// R4088
        UnknownError = 11,
    }

    /// FolderCreate, FolderDelete and FolderUpdate: MS-ASCMD sections 2.2.3.177.3, .4 and .6.
    FolderChangeStatus {
        /// R4010, R4044, R4099
        Success = 1,
        /// The parent has a folder of this name; or, in FolderUpdate, the folder is special. R4012, R4101
        AlreadyExists = 2,
        /// The folder or parent is special. R4015, R4046, R4103
        SpecialFolder = 3,
        /// R4048, R4105
        NotFound = 4,
        /// R4018, R4108
        ParentNotFound = 5,
        /// Our fault. R4021, R4051, R4111
        ServerError = 6,
        /// Begin again with FolderSync key 0. R4031, R4059, R4119
        InvalidSyncKey = 9,
        /// R4034, R4062, R4122
        MalformedRequest = 10,
        /// R4037, R4065, R4126
        UnknownError = 11,
    }

    /// One answer of MeetingResponse: MS-ASCMD section 2.2.3.177.9.
    MeetingResponseStatus {
        /// R4179
        Success = 1,
        /// Nothing that could be answered. R4181
        InvalidRequest = 2,
        /// Our fault, of the mailbox. R4188
        MailboxError = 3,
        /// Our fault. R4194
        ServerError = 4,
    }

    /// Ping: MS-ASCMD section 2.2.3.177.11.
    PingStatus {
        /// The heartbeat passed quietly. R4233
        Expired = 1,
        /// Folders changed. R4235
        Changes = 2,
        /// Nothing cached and nothing said. R4239
        MissingParameters = 3,
        /// R4243
        SyntaxError = 4,
        /// The heartbeat is out of range. R4246
        HeartbeatOutOfRange = 5,
        /// R4252
        TooManyFolders = 6,
        /// FolderSync first. R4256
        HierarchyChanged = 7,
        /// Our fault. R4260
        ServerError = 8,
    }

    /// GetItemEstimate: MS-ASCMD section 2.2.3.177.7.
    EstimateStatus {
        /// R4133
        Success = 1,
        /// R4135
        InvalidCollection = 2,
        /// Sync with key 0 comes first. R4139
        NotPrimed = 3,
        /// R4142
        InvalidSyncKey = 4,
    }

    /// MoveItems: MS-ASCMD section 2.2.3.177.10. Success is 3.
    MoveStatus {
        /// R4206
        InvalidSource = 1,
        /// R4211
        InvalidDestination = 2,
        /// R4215
        Success = 3,
        /// R4218
        SameFolder = 4,
        /// The move failed, or more than one destination was named. R4221
        Failed = 5,
        /// R4224
        Locked = 7,
    }

    /// One store of Search: MS-ASCMD section 2.2.3.177.13.
    SearchStatus {
        /// R4326
        Success = 1,
        /// A parameter is invalid. R4328
        InvalidRequest = 2,
        /// Our fault. R4331
        ServerError = 3,
        /// The link to a document is none. R4335
        BadLink = 4,
        /// R4338
        AccessDenied = 5,
        /// R4341
        NotFound = 6,
        /// The query is more than can be asked. R4349
        TooComplex = 8,
        /// The search would take too long. R4353
        TimedOut = 10,
        /// FolderSync first. R4357
        HierarchyChanged = 11,
        /// The range goes beyond what can be retrieved. R4360
        EndOfRange = 12,
        /// Document libraries are not served. R4363
        AccessBlocked = 13,
    }

    /// Find as a whole, and its answer: MS-ASCMD section 2.2.3.177.2.
    FindStatus {
        /// R72172508
        Success = 1,
        /// R72172511
        InvalidRequest = 2,
        /// FolderSync first. R72172514
        HierarchyChanged = 3,
        /// A search begins with its first result. R72172517
        BeginAtZero = 4,
    }

    /// ItemOperations: MS-ASCMD section 2.2.3.177.8.
    ItemOperationsStatus {
        /// R4153
        Success = 1,
        /// R4154, R7238
        ProtocolError = 2,
        /// R4155
        ServerError = 3,
        /// The item does not exist or may not be seen. R4158
        NotFound = 6,
        /// R4160
        InvalidRange = 8,
        /// R4161
        UnknownStore = 9,
        /// R4162
        EmptyFile = 10,
        /// R4163
        TooLarge = 11,
        /// R4165
        ConversionFailed = 14,
        /// R4166
        InvalidAttachment = 15,
        /// R4167
        AccessDenied = 16,
        /// R4168
        PartialSuccess = 17,
        /// MS-ASCON R262
        InvalidCombinationOfIds = 105,
        /// R4171
        MoveAlwaysMissing = 155,
        /// R4172
        NotSupported = 156,
    }

    /// Settings as a whole and each of its parts: MS-ASCMD section 2.2.3.177.15.
    SettingsStatus {
        /// R4387
        Success = 1,
        /// R4388
        ProtocolError = 2,
        /// R5383
        AccessDenied = 3,
        /// R5384
        Unavailable = 4,
        /// R5702
        InvalidArguments = 5,
        /// R5385
        ConflictingArguments = 6,
        /// R5581
        DeniedByPolicy = 7,
    }

    /// ResolveRecipients as a whole: MS-ASCMD section 2.2.3.177.12.
    ResolveRecipientsStatus {
        /// R4268
        Success = 1,
        /// R4270
        ProtocolError = 5,
        /// Our fault. R4271
        ServerError = 6,
    }

    /// One `To` of ResolveRecipients: MS-ASCMD section 2.2.3.177.12.
    RecipientStatus {
        /// R4275
        Resolved = 1,
        /// All whom it might be are here. R4277
        Ambiguous = 2,
        /// Some of them are. R4281
        AmbiguousPartial = 3,
        /// R4286
        Unknown = 4,
    }

    /// When one recipient is busy: MS-ASCMD section 2.2.3.177.12.
    AvailabilityStatus {
        /// R4291
        Success = 1,
        /// Too many people are asked for. R4293
        TooManyRecipients = 160,
        /// The group has more than 20 members. R4294
        GroupTooLarge = 161,
        /// For the moment. R4295
        TemporaryFailure = 162,
        /// It is not told. R4298
        NotAvailable = 163,
    }

    /// The certificates of one recipient: MS-ASCMD section 2.2.3.177.12.
    CertificatesStatus {
        /// R4302
        Success = 1,
        /// There is none. R4303
        NoCertificate = 7,
        /// There is no room for them. R4305
        LimitReached = 8,
    }

    /// The photo of somebody, in ResolveRecipients and Search: MS-ASCMD sections 2.2.3.177.12 and 2.2.3.177.13.
    PictureStatus {
        /// R4310, R4372
        Success = 1,
        /// There is none. R4311, R4373
        NoPicture = 173,
        /// R4312, R4374
        TooLarge = 174,
        /// There were as many as were asked for. R4313, R4375
        LimitReached = 175,
    }

    /// ValidateCert, as a whole and for one certificate: MS-ASCMD section 2.2.3.177.18.
    ValidateCertStatus {
        /// R4473
        Success = 1,
        /// R4476
        ProtocolError = 2,
        /// R4479
        BadSignature = 3,
        /// R4482
        Untrusted = 4,
        /// R4485
        BadChain = 5,
        /// It is not for mail. R4488
        NotForMail = 6,
        /// R4491
        Expired = 7,
        /// Another certificate of the chain is out of date. R4494
        ChainExpired = 8,
        /// A certificate of the chain must not be used so. R4497
        ChainMisused = 9,
        /// R4500
        Malformed = 10,
        /// An end entity stands for an authority, or the other way round. R4504, R5847
        WrongRole = 11,
        /// R4506
        WrongAddress = 12,
        /// R4509
        Revoked = 13,
        /// R4512
        RevocationOffline = 14,
        /// R4515
        ChainRevoked = 15,
        /// R4517
        RevocationUnknown = 16,
        /// R4521
        UnknownError = 17,
    }

    /// Provision as a whole: MS-ASPROV section 2.2.2.54.2.
    ProvisionStatus {
        /// MS-ASPROV R394
        Success = 1,
        /// MS-ASPROV R395
        ProtocolError = 2,
        /// MS-ASPROV R396
        ServerError = 3,
    }

    /// One policy: MS-ASPROV section 2.2.2.54.1.
    PolicyStatus {
        /// MS-ASPROV R378
        Success = 1,
        /// There is no policy for this device. MS-ASPROV R379
        NoPolicy = 2,
        /// MS-ASPROV R380
        UnknownPolicyType = 3,
        /// MS-ASPROV R381
        Corrupt = 4,
        /// The key acknowledged is not the one given. MS-ASPROV R382
        WrongKey = 5,
    }
}

impl CommonStatus {
    /// The HTTP status that says the same before 14.0: MS-ASHTTP section 2.2.2.1.1.
    #[must_use]
    pub fn http(self) -> u16 {
        match self {
            Self::InvalidContent
            | Self::InvalidWbxml
            | Self::InvalidXml
            | Self::InvalidDateTime
            | Self::NotRecurring
            | Self::InvalidCombination
            | Self::InvalidIds
            | Self::InvalidMime
            | Self::InvalidDeviceId
            | Self::InvalidDeviceType => 400, // MS-ASHTTP R188
            Self::UserUnknown
            | Self::UserNotAllowed
            | Self::SyncDisabled
            | Self::DeviceNotAllowed
            | Self::AccessDenied
            | Self::AccountDisabled
            | Self::NoMailbox
            | Self::ExternallyManagedDevice
            | Self::TooManyDevices => 403, // MS-ASHTTP R180
            Self::DeviceNotFullyProvisionable
            | Self::RemoteWipeRequested
            | Self::DeviceNotProvisionable
            | Self::DeviceNotProvisioned
            | Self::PolicyRefresh
            | Self::InvalidPolicyKey => 449,
            Self::CommandNotSupported | Self::VersionNotSupported => 501, // MS-ASHTTP R187
            Self::ServerErrorRetryLater | Self::MailboxServerOffline | Self::StateLocked => 503,
            Self::MailboxQuotaExceeded | Self::SendQuotaExceeded => 507, // MS-ASHTTP R192
            Self::ServerError
            | Self::RecipientUnresolved
            | Self::ReplyNotAllowed
            | Self::PreviouslySent
            | Self::NoRecipient
            | Self::SubmissionFailed
            | Self::ReplyFailed
            | Self::AttachmentTooLarge
            | Self::StateNotFound
            | Self::StateCorrupt
            | Self::UnknownItemClass
            | Self::StoredRequestFailed
            | Self::SourceNotFound
            | Self::TooManyFolders
            | Self::MoveAlwaysMissing
            | Self::InvalidDestination
            | Self::BodyPartTypeUnsupported
            | Self::DeviceInformationRequired
            | Self::InvalidAccountId
            | Self::AccountSendDisabled
            | Self::RightsManagementDisabled
            | Self::ConversationTooLarge
            | Self::InvalidSmartForwardCombination
            | Self::InvalidForwardees
            | Self::DraftRecipientInvalid => 500,
        }
    }
}
