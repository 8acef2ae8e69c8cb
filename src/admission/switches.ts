/** Whether a flag is on, as Go reads it (`strconv.ParseBool`); without a value it is. */
export const isOn = (value: string | undefined): boolean => value !== undefined && /^(?:1|t|true)?$/i.test(value);

export const isOff = (value: string | undefined): boolean => value !== undefined && /^(?:0|f|false)$/i.test(value);
