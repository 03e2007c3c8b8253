import { manual, type Rule } from '../verdict.ts';

/** Rules of Tiêu chuẩn 3 that no probe can know. They are entered by a person; later issues add what supports them. */
const byHand = (id: string, short: string, why: string): Rule => ({
  id,
  short,
  probes: [],
  policy: [],
  judge: () => manual(why),
});

export const manualRules: readonly Rule[] = [
  byHand('III.1.1.a', 'Bố trí mô hình', 'bố trí thiết bị theo mô hình cần xem tại chỗ'),
  byHand('III.1.1.b', 'Khai thác thiết bị', 'lắp đặt, khai thác đúng yêu cầu cần xem tại chỗ'),
  byHand('III.1.2.a', 'Hồ sơ thiết bị', 'hồ sơ quản lý trang thiết bị cần kiểm tra sổ sách'),
  byHand('III.3.1.c', 'Tài khoản cổng TTĐT', 'bảo mật tài khoản quản trị cổng thông tin cần kiểm tra trực tiếp'),
  byHand('III.3.3.a', 'Phòng thiết bị mạng', 'điều kiện phòng/vị trí thiết bị mạng cần xem tại chỗ'),
];
